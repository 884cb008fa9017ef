#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build.sh NAME... builds pinned commands, and nothing that is already built.
# The pins are the go.mod files beside this script.
#
#   build.sh plan NAME...   says what would be built, and how long that takes

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

export GOWORK=off GOFLAGS=-buildvcs=false

# version MODULE prints the version that the module in this directory pins.
version() { go list -m -f '{{.Version}}' "$1"; }

# stamp DIR prints what a binary of this module depends on.
stamp() { echo "$(hash "$tools/$1"/go.{mod,sum} "$tools/build.sh") $(go env GOVERSION)"; }

# What building takes, in seconds of a processor, if nothing is cached but what was built before
# it in this order. It was measured once; a machine's own pace is not known.
declare -A takes=(
	[docker]=150 [docker-compose]=330 [docker-buildx]=180 [docker-compose-old]=300
	[dockerd]=330 [docker-proxy]=10 [containerd]=120 [containerd-shim-runc-v2]=20 [runc]=40
)

# minutes SECONDS puts that into words for this machine's processors.
minutes() {
	local seconds=$(($1 / $(nproc 2>/dev/null || echo 2)))
	if ((seconds < 45)); then echo "less than a minute"; elif ((seconds < 90)); then echo "about a minute"; else echo "about $(((seconds + 30) / 60)) minutes"; fi
}

# build DIR NAME PACKAGE OUTPUT [GO BUILD FLAG...]
build() {
	local dir=$1 name=$2 package=$3 output=$4 start=$SECONDS
	shift 4
	mkdir -p "$(dirname "$output")" "$made/stamps"
	say "building $name: $(minutes "${takes[$name]:-60}") ..."
	# The finished file appears at once: somebody may be running the old one.
	(cd "$tools/$dir" && go build -v "$@" -o "$output.new" "$package" 2> >(tell "$name" "$package")) ||
		die "building $name from the pins in tools/$dir failed: see above; the Go module proxy must be reachable"
	mv "$output.new" "$output"
	stamp "$dir" >"$made/stamps/$name"
	say "built $name in $((SECONDS - start))s"
}

# tell NAME PACKAGE passes on what go build -v says, but for its progress, of which it says every
# half minute how far it is. Most packages of a command are those of others, and come once.
tell() {
	local line compiled=0 all='' start=$SECONDS said=$SECONDS
	while IFS= read -r line; do
		case $line in
		'go: downloading '*) ;;
		*[!a-zA-Z0-9_./~-]*) say "$line" ;;
		*) ((compiled += 1)) ;;
		esac
		if ((SECONDS - said >= 30)); then
			said=$SECONDS
			[[ -n $all ]] || all=$(go list -deps "$2" 2>/dev/null | wc -l)
			say "    $1: $compiled of at most $all packages compiled in $((SECONDS - start))s"
		fi
	done
}

# fresh DIR NAME OUTPUT: is what was built last still what the pins say?
fresh() { [[ -x $3 && -f $made/stamps/$2 && $(<"$made/stamps/$2") == "$(stamp "$1")" ]]; }

# need DIR NAME OUTPUT builds a command unless it is fresh.
need() { fresh "$@" || (cd "$tools/$1" && "build_$2" "$3"); }

build_docker() {
	CGO_ENABLED=0 build cli docker github.com/docker/cli/cmd/docker "$1" -ldflags \
		"-s -w -X github.com/docker/cli/cli/version.Version=$(version github.com/docker/cli | sed 's/^v//; s/+.*//')"
}
build_docker-compose() {
	CGO_ENABLED=0 build cli docker-compose github.com/docker/compose/v5/cmd "$1" -ldflags \
		"-s -w -X github.com/docker/compose/v5/internal.Version=$(version github.com/docker/compose/v5)"
}
# compose-old is the oldest that seatrial claims to work with, for its tests.
build_docker-compose-old() {
	CGO_ENABLED=0 build compose-old docker-compose-old github.com/docker/compose/v2/cmd "$1" -ldflags \
		"-s -w -X github.com/docker/compose/v2/internal.Version=$(version github.com/docker/compose/v2)"
}
build_docker-buildx() {
	CGO_ENABLED=0 build cli docker-buildx github.com/docker/buildx/cmd/buildx "$1" -ldflags \
		"-s -w -X github.com/docker/buildx/version.Version=$(version github.com/docker/buildx)"
}

build_dockerd() {
	# moby's module has a version of its own; the engine's is in this file.
	local moby released
	go mod download github.com/moby/moby/v2
	moby=$(go list -m -f '{{.Dir}}' github.com/moby/moby/v2)
	released=$(sed -n 's/^ *last: *"\(.*\)"/\1/p' "$moby/releases/versions.yaml" | head -n 1)
	local v=github.com/moby/moby/v2/dockerversion
	CGO_ENABLED=0 build engine dockerd github.com/moby/moby/v2/cmd/dockerd "$1" -ldflags \
		"-s -w -X $v.Version=${released:-29.0.0} -X $v.GitCommit=$(version github.com/moby/moby/v2)"
}
build_docker-proxy() {
	CGO_ENABLED=0 build engine docker-proxy github.com/moby/moby/v2/cmd/docker-proxy "$1" -ldflags '-s -w'
}
build_containerd() {
	CGO_ENABLED=0 build engine containerd github.com/containerd/containerd/v2/cmd/containerd "$1" -ldflags \
		"-s -w -X github.com/containerd/containerd/v2/version.Version=$(version github.com/containerd/containerd/v2)"
}
build_containerd-shim-runc-v2() {
	CGO_ENABLED=0 build engine containerd-shim-runc-v2 github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2 "$1" -ldflags '-s -w'
}
build_staticcheck() { build check staticcheck honnef.co/go/tools/cmd/staticcheck "$1"; }
build_gotestsum() { build check gotestsum gotest.tools/gotestsum "$1"; }
build_govulncheck() { build check govulncheck golang.org/x/vuln/cmd/govulncheck "$1"; }
build_runc() {
	CGO_ENABLED=1 build engine runc github.com/opencontainers/runc "$1" -tags seccomp -ldflags '-s -w'
}

# parts NAME... prints the commands that each name stands for, with their module and place.
parts() {
	local name part
	for name; do
		case $name in
		docker) echo "cli docker $bin/docker" ;;
		docker-compose | docker-buildx) echo "cli $name $plugins/$name" ;;
		docker-compose-old) echo "compose-old $name $compose_old" ;;
		staticcheck | govulncheck | gotestsum) echo "check $name $bin/$name" ;;
		engine)
			for part in dockerd docker-proxy containerd containerd-shim-runc-v2 runc; do
				echo "engine $part $bin/$part"
			done
			;;
		*) die "building $name: no such command here" ;;
		esac
	done
}

# plan NAME... says what would be built.
plan() {
	local module name output missing=() seconds=0
	while read -r module name output; do
		fresh "$module" "$name" "$output" && continue
		missing+=("$name")
		((seconds += ${takes[$name]:-60}))
	done < <(parts "$@")
	((${#missing[@]} == 0)) ||
		say "to be built here from pinned sources, once: ${missing[*]}; $(minutes "$seconds") with $(nproc 2>/dev/null || echo 2) processors, less if Go has some of it cached"
}

if [[ ${1-} == plan ]]; then
	shift
	plan "$@"
	exit
fi
parts "$@" | while read -r module name output; do
	need "$module" "$name" "$output" </dev/null
done
