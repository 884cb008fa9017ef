#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# demo.sh shows what the tests of the example see: the shipped file with docker compose alone,
# two copies of it with seatrial, and a test that fails.

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

SEATRIAL_ARTIFACTS=$root/artifacts/demo-$(date +%Y%m%d-%H%M%S)
export SEATRIAL_ARTIFACTS
failed=0

# objects says what the engine has.
objects() {
	local kind
	for kind in container network volume; do
		printf '%s %ss  ' "$("$tools/with-engine.sh" docker "$kind" ls --quiet $([[ $kind != container ]] || echo --all) | wc -l)" "$kind"
	done
}

# show PATTERN TITLE runs tests, and shows what they say: without what go test says of them,
# and how far they are while they work.
show() {
	printf '\n%s\n\n' "$2"
	"$tools/go-test.sh" examples/orders/e2e -count=1 -v -run "$1" . 2>&1 |
		sed -uE '/^(=== |--- PASS|    --- PASS|PASS|ok )/d; s/^ +[a-z_]+\.go:[0-9]+: ((starting|building|built) )/    … \1/' |
		awk '$0 != last { print; fflush() } { last = $0 }' || failed=1
}

before=$(objects)
show '^TestPlainComposeCannotRunTwice$' '1. docker compose, twice: the project of examples/orders as it is shipped'
show '^TestDemo$' '2. seatrial, twice at once: the same file, unchanged'
show '^TestDemoFails$' '3. A test that fails: PostgreSQL was not given a password'

printf '\nThe engine had   %s\nand has now      %s\n' "$before" "$(objects)"
printf '\nWhat was changed for the copies, all logs and the page of the failed test: %s\n' "$SEATRIAL_ARTIFACTS"
exit $failed
