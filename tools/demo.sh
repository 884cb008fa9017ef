#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# demo.sh runs the example's own test, and shows what happens.

exec "$(dirname "${BASH_SOURCE[0]}")/go-test.sh" examples/orders/e2e -count=1 -v -run TestDemo ./...
