#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# demo.sh runs the example's own test, and shows what happened.

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

SEATRIAL_ARTIFACTS=$root/artifacts/demo-$(date +%Y%m%d-%H%M%S)
export SEATRIAL_ARTIFACTS
failed=0
"$tools/go-test.sh" examples/orders/e2e -count=1 -v -run TestDemo ./... || failed=1

for file in "$SEATRIAL_ARTIFACTS"/*/timeline.txt; do
	[[ ! -e $file ]] || printf '\n%s\n%s\n' "time line of $(basename "$(dirname "$file")"):" "$(<"$file")"
done
printf '\nall logs, plans and overrides: %s\n' "$SEATRIAL_ARTIFACTS"
exit $failed
