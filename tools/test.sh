#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test.sh runs all tests, then requires that the engine holds what it held.

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

# A server for the tests over ssh, which start their own. Debian's package also
# starts one as a service: not on a machine that somebody runs.
if [[ ! -d /run/systemd/system ]] || command -v sshd >/dev/null; then
	"$tools/packages.sh" ssh=openssh-client ssh-keygen=openssh-client sshd=openssh-server
else
	die "looking for sshd: not installed; the tests over ssh need it: apt-get install openssh-server (it also starts a server)"
fi

before=$("$tools/leftovers.sh")
failed=0
# A watchdog also removes what others left: here that would hide who leaks.
export SEATRIAL_NO_COLLECT=1

cd "$root"
"$tools/go-test.sh" . ./... || failed=1
for file in $(git ls-files -co --exclude-standard -- 'examples/**/go.mod'); do
	"$tools/go-test.sh" "$(dirname "$file")" ./... || failed=1
done
"$tools/unprivileged.sh" || failed=1

# The engine may still be busy with what a test's watchdog removes.
for _ in {1..20}; do
	after=$("$tools/leftovers.sh")
	[[ $after != "$before" ]] || break
	sleep 0.5
done
if [[ $after != "$before" ]]; then
	say "FAIL: the tests left the engine other than it was (< before, > after):"
	diff <(echo "$before") <(echo "$after") >&2 || true
	failed=1
fi
exit $failed
