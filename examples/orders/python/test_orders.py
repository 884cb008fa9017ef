# SPDX-License-Identifier: Apache-2.0
"""The orders as they are shipped, tested from Python, as TestDemo does in ../e2e:

    docker build -t orders-worker:dev -f worker.Dockerfile .
    seatrial run --image example/orders-worker:2=orders-worker:dev -- python3 -m unittest discover python

A second call at the same time has a copy of its own.
"""

import json
import os
import subprocess
import unittest
import urllib.request


def call(method, path, body=None):
    request = urllib.request.Request(
        os.environ["API_URL_8080"] + path,
        method=method,
        data=body and json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def seatrial(*args):
    subprocess.run(["seatrial", *args], check=True)


class TestOrders(unittest.TestCase):
    def test_orders_survive_a_restart_of_the_database(self):
        order = call("POST", "/orders", {"sku": "A1"})
        seatrial("wait", "worker", "--log", "packed id=" + order["id"])
        self.assertEqual("packed", call("GET", "/orders/" + order["id"])["status"])

        seatrial("restart", "db")
        seatrial("wait", "db", "--log", "ready to accept connections")
        self.assertEqual([("A1", order["id"])], [(o["sku"], o["id"]) for o in call("GET", "/orders")])


if __name__ == "__main__":
    unittest.main()
