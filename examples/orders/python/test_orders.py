# SPDX-License-Identifier: Apache-2.0
"""The orders as they are shipped, tested from Python:

    docker build -t orders-worker:dev -f worker.Dockerfile .
    seatrial run --image example/orders-worker:2=orders-worker:dev -- python3 -m unittest discover python
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


class TestOrders(unittest.TestCase):
    def test_orders_survive_a_restart_of_the_database(self):
        order = call("POST", "/orders", {"sku": "A1"})
        subprocess.run(["seatrial", "restart", "db"], check=True)
        self.assertEqual("A1", call("GET", "/orders/" + order["id"])["sku"])


if __name__ == "__main__":
    unittest.main()
