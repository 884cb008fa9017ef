#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test.sh runs all tests, then requires that seatrial is not slower than its peers by
# far, and that the engine holds what it held before, and says what took longest, what was
# sampled and what was left out.
#
#   PKG=./internal/compose   only this package; with /... those below it, too
#   RUN=TestUp               only tests whose names match

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
# What shows reports and runs the recipes starts no service.
"$tools/packages.sh" chromium=chromium '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf=fonts-dejavu-core' \
	node=nodejs python3=python3 curl=curl
# Kinds of engines that only root can start.
((EUID != 0)) || need "the table of engines needs it" podman=podman crun=crun \
	/usr/lib/podman/netavark=netavark /usr/lib/podman/aardvark-dns=aardvark-dns \
	rootlesskit=rootlesskit slirp4netns=slirp4netns newuidmap=uidmap

"$tools/build.sh" docker-compose-old gotestsum

# Each run adds to the build cache, of which containerd looks through all whenever something
# is removed: with 700 entries, that was two fifths of its time.
if "$tools/engine.sh" running >/dev/null; then
	"$tools/engine.sh" docker builder prune --force --filter until=12h >/dev/null || true
fi

before=$("$tools/leftovers.sh")
failed=0
# A watchdog also removes what others left: here that would hide who leaks.
export SEATRIAL_NO_COLLECT=1

results=$made/results
rm -rf "$results"
mkdir -p "$results"

# go_test MODULE NAME ARG... runs tests of a module, one package after the other unless -p says
# otherwise: the tests of one keep the machine busy. What an engine did before proves nothing: no
# result is taken from go test's cache. make check vets, and nobody looks into these programs with
# a debugger. NAME tells what is kept of the results from others of the module.
go_test() {
	local module=$1 name=$2
	shift 2
	JSON=$results/module${module//[.\/]/-}$name.json "$tools/go-test.sh" "$module" -p 1 -count=1 -vet=off -ldflags=-w -timeout 60m ${RUN:+-run "$RUN"} "$@" || failed=1
}

# module_of DIR prints the module that a directory is in.
module_of() {
	local dir=$1
	while [[ ! -f $root/$dir/go.mod ]]; do dir=$(dirname "$dir"); done
	echo "$dir"
}

cd "$root"
if [[ -n ${PKG-} ]]; then
	module=$(module_of "${PKG%/...}")
	go_test "$module" '' "./$(realpath -m --relative-to="$module" "$PKG")"
else
	# Three at once: those that take turns on the shared engine, and, half and half, those that
	# start engines of their own; what needs none comes after these, two at once. Nearly always one
	# of the three has to wait for its engine.
	shared=$(git grep --untracked -lF 'enginetest.Main(' -- '*_test.go' ':!internal/enginetest' | xargs -n1 dirname | sort -u | sed 's,^,./,')
	mine=('./swarmtest ./internal/conformance' './cmd/seatrial ./internal/leftovers')
	rest=$(go list ./... | grep -vxF "$(go list $shared ${mine[*]})")
	(go_test . -own0 ${mine[0]}; go_test . -none -p 2 $rest; exit $failed) &
	pids=($!)
	mkdir -p "$made/bench" # its program is compiled before the bounds are measured, which nothing may run beside
	(go_test . -own1 ${mine[1]}; go_test bench '' .; cd bench && go build -buildvcs=false -o "$made/bench/bench" . || failed=1; exit $failed) &
	pids+=($!)
	go_test . '' $shared
	for file in $(git ls-files -co --exclude-standard -- 'examples/**/go.mod'); do
		go_test "$(dirname "$file")" '' ./...
	done
	[[ -n ${RUN-} ]] || "$tools/unprivileged.sh" || failed=1
	for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
	if [[ -z ${RUN-} ]]; then
		# Nothing else runs any more: the peers and we take turns.
		(cd bench && "$tools/with-engine.sh" "$made/bench/bench" -guard) || failed=1
	fi
fi

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

go run ./tools/report "$results"/*.json >&2
exit $failed
