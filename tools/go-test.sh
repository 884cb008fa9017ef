#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# go-test.sh DIR ARG... runs go test in the module DIR, on the engine, which
# must be there: no test may be skipped for want of one.
#
#   JSON=FILE   keep the results there, and print a line for each package and what failed

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

cd "$root/$1"
shift
# Beside another daemon our engine's network has no way out.
[[ ! -e $engine/beside ]] || go mod download
command=(go test)
[[ -z ${JSON-} ]] || command=("$bin/gotestsum" --format pkgname --format-hide-empty-pkg --hide-summary skipped --jsonfile "$JSON" --)
SEATRIAL_REQUIRE=1 exec "$tools/with-engine.sh" "${command[@]}" "$@"
