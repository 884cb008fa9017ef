#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test.sh runs all tests, then requires that the engine holds what it held.

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

# need WHY COMMAND=PACKAGE... installs what tests start by themselves. Debian's
# packages also start it as a service: not on a machine that somebody runs.
need() {
	local why=$1 pair
	shift
	if [[ -d /run/systemd/system ]]; then
		for pair; do
			compgen -G "${pair%%=*}" >/dev/null || command -v "${pair%%=*}" >/dev/null ||
				die "looking for ${pair%%=*}: not installed; $why: apt-get install ${pair#*=} (it may also start a service)"
		done
	else
		"$tools/packages.sh" "$@"
	fi
}

need "the tests over ssh need it" ssh=openssh-client ssh-keygen=openssh-client sshd=openssh-server
# Kinds of engines that only root can start.
((EUID != 0)) || need "the table of engines needs it" podman=podman crun=crun \
	/usr/lib/podman/netavark=netavark /usr/lib/podman/aardvark-dns=aardvark-dns \
	rootlesskit=rootlesskit slirp4netns=slirp4netns newuidmap=uidmap

"$tools/build.sh" docker-compose-old

before=$("$tools/leftovers.sh")
failed=0
# A watchdog also removes what others left: here that would hide who leaks.
export SEATRIAL_NO_COLLECT=1

cd "$root"
# One package after the other: each keeps the machine busy, and what two do at once
# is slow enough to be called broken.
"$tools/go-test.sh" . -p 1 -timeout 60m ./... || failed=1
for file in $(git ls-files -co --exclude-standard -- 'examples/**/go.mod'); do
	"$tools/go-test.sh" "$(dirname "$file")" -timeout 30m ./... || failed=1
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
