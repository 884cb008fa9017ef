#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# go-test.sh DIR ARG... runs go test in the module DIR, on the engine, which
# must be there: no test may be skipped for want of one.

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

cd "$root/$1"
shift
# Beside another daemon our engine's network has no way out.
[[ ! -e $engine/beside ]] || go mod download
SEATRIAL_REQUIRE=1 exec "$tools/with-engine.sh" go test "$@"
