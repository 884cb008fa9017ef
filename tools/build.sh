#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build.sh NAME... builds pinned commands, and nothing that is already built.
# The pins are the go.mod files beside this script.

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

export GOWORK=off GOFLAGS=-buildvcs=false

# version MODULE prints the version that the module in this directory pins.
version() { go list -m -f '{{.Version}}' "$1"; }

# stamp DIR prints what a binary of this module depends on.
stamp() { echo "$(hash "$tools/$1"/go.{mod,sum} "$tools/build.sh") $(go env GOVERSION)"; }

# build DIR NAME PACKAGE OUTPUT [GO BUILD FLAG...]
build() {
	local dir=$1 name=$2 package=$3 output=$4 start=$SECONDS
	shift 4
	mkdir -p "$(dirname "$output")" "$made/stamps"
	say "building $name ..."
	# The finished file appears at once: somebody may be running the old one.
	(cd "$tools/$dir" && go build "$@" -o "$output.new" "$package" 2> >(grep -v '^go: downloading' >&2)) ||
		die "building $name from the pins in tools/$dir failed: see above; the Go module proxy must be reachable"
	mv "$output.new" "$output"
	stamp "$dir" >"$made/stamps/$name"
	say "built $name in $((SECONDS - start))s"
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

for name; do
	case $name in
	docker) need cli docker "$bin/docker" ;;
	docker-compose | docker-buildx) need cli "$name" "$plugins/$name" ;;
	docker-compose-old) need compose-old "$name" "$compose_old" ;;
	staticcheck | govulncheck | gotestsum) need check "$name" "$bin/$name" ;;
	engine)
		for part in dockerd docker-proxy containerd containerd-shim-runc-v2 runc; do
			need engine "$part" "$bin/$part"
		done
		;;
	*) die "building $name: no such command here" ;;
	esac
done
