#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# unprivileged.sh runs the tests with Unprivileged in their names as a user who
# may use the engine's socket and nothing else. All that they leave must belong
# to that user, who must be able to remove it.

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"
source "$made/env"

user=7420 # in no passwd file

if ((EUID != 0)); then exit; fi # then all tests were run unprivileged
command -v setpriv >/dev/null || die "running tests as another user: setpriv not found; install util-linux"
groups=(--clear-groups)
case ${DOCKER_HOST-} in
unix://*) groups=(--groups "$(stat -L -c %g "${DOCKER_HOST#unix://}")") ;;
tcp://*) ;;
*)
	say "tests as another user: skipped, ${DOCKER_HOST:-context $DOCKER_CONTEXT} needs this user's keys"
	exit
	;;
esac

# packages prints the directories of packages with such tests.
packages() {
	git -C "$root" ls-files -co --exclude-standard -- '*_test.go' | while read -r file; do
		if grep -q '^func Test[A-Za-z0-9_]*Unprivileged' "$root/$file" 2>/dev/null; then dirname "$file"; fi
	done | sort -u
}

mapfile -t packages < <(packages)
((${#packages[@]})) || { say "tests as another user: there are none yet"; exit; }

work=$(mktemp -d /tmp/seatrial-unprivileged.XXXXXX)
trap 'rm -rf --one-file-system "$work"' EXIT
chmod 755 "$work"
theirs=$work/theirs # all that this user owns
mkdir -p "$theirs"/{checkout,home,tmp,docker/cli-plugins} "$work/bin"

(cd "$root" && git ls-files -coz --exclude-standard | while IFS= read -rd '' file; do
	[[ ! -e $file ]] || printf '%s\0' "$file"
done | tar --null -T - -c) | tar -C "$theirs/checkout" -x
# The checkout's own .tools may lie where this user may not look.
[[ ! -d $plugins ]] || cp -L "$plugins"/* "$theirs/docker/cli-plugins/"
chown -R "$user:$user" "$theirs"
# Compiled here: that user has no build cache yet.
(cd "$root" && CGO_ENABLED=0 go build -trimpath -ldflags='-s -w -buildid=' -o "$work/bin/probe" ./internal/enginetest/probe)
[[ :$PATH: != *":$bin:"* ]] || cp "$bin/docker" "$work/bin/"

as_user() {
	"$tools/engine.sh" enter setpriv --reuid=$user --regid=$user "${groups[@]}" --inh-caps=-all \
		env -u DOCKER_CONFIG -u XDG_RUNTIME_DIR -u XDG_CACHE_HOME -u XDG_CONFIG_HOME -u GOCACHE -u GOPATH \
		HOME="$theirs/home" TMPDIR="$theirs/tmp" USER=$user LOGNAME=$user \
		DOCKER_CONFIG="$theirs/docker" SEATRIAL_PROBE="$work/bin/probe" PATH="$work/bin:$PATH" SEATRIAL_REQUIRE=1 "$@"
}

failed=0
for package in "${packages[@]}"; do
	name=$(cd "$root/$package" && go list .)
	binary=$work/bin/${package//\//-}.test
	(cd "$root/$package" && go test -c -o "$binary" .)
	start=$SECONDS
	if (cd "$theirs/checkout/$package" && as_user "$binary" -test.run=Unprivileged -test.timeout=10m) >"$work/out" 2>&1; then
		say "ok  	$name as uid $user	$((SECONDS - start))s"
	else
		cat "$work/out"
		say "FAIL	$name as uid $user"
		failed=1
	fi
done

strangers=$(find "$theirs" -mindepth 1 ! -uid $user -printf '%u %p\n')
[[ -z $strangers ]] || { say "FAIL: left by tests of uid $user, but owned by others:"; say "$strangers"; failed=1; }
# The directories themselves stay: their parent is root's.
as_user find "$theirs" -mindepth 1 -delete || true
remains=$(find "$theirs" -mindepth 1)
[[ -z $remains ]] || { say "FAIL: uid $user cannot remove what its tests left:"; say "$remains"; failed=1; }
exit $failed
