#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# images.sh prints what the examples' images are called on this engine, as
# SEATRIAL_TEST_IMAGES wants it: NAME=STAND-IN,... Nothing is printed when the
# official ones can be had; otherwise it makes stand-ins, from Debian packages
# and this machine's Go. Their names carry a hash of what they are made of.

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

official=(postgres:17-bookworm redis:7-bookworm nginx:1-bookworm golang:1.26-bookworm)
prefix=localhost/seatrial-setup
suite=bookworm

have() { docker image inspect "$1" >/dev/null 2>&1; }

# pull IMAGE fails fast when no registry answers, and gives a slow one time.
pull() {
	local log=$made/pull.log pid start=$SECONDS
	docker pull "$1" >"$log" 2>&1 </dev/null &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		if ((SECONDS - start > 15)) && ! grep -q 'Pulling from' "$log" || ((SECONDS - start > 900)); then
			kill "$pid"
			wait "$pid" 2>/dev/null || true
			return 1
		fi
		sleep 0.2
	done
	wait "$pid"
}

pull_official() {
	local image
	for image in "${official[@]}"; do
		have "$image" && continue
		say "pulling $image ..."
		pull "$image" || { say "pulling $image failed: $(tail -n 1 "$made/pull.log")"; return 1; }
	done
}

# make_base IMAGE: Debian with the packages that the stand-ins need. They are
# installed here and not in a build, for builds may have no network.
make_base() {
	local work parent=$made mirror proxy=''
	[[ $made != *[[:space:]]* ]] || parent=/var/tmp # debootstrap cannot
	((EUID == 0)) || die "making stand-ins for ${official[*]}: no registry can be reached and debootstrap needs root; run make setup as root, or docker pull these where a registry is"
	"$tools/packages.sh" debootstrap=debootstrap /usr/share/keyrings/debian-archive-keyring.*=debian-archive-keyring
	# shellcheck disable=SC2016 # apt-get expands it
	mirror=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $suite" "Label: Debian" 2>/dev/null | head -n 1)
	mirror=${mirror:-http://deb.debian.org/debian}
	eval "$(apt-config shell proxy Acquire::http::Proxy 2>/dev/null)"
	[[ -z $proxy ]] || export http_proxy=$proxy

	work=$(mktemp -d "$parent/seatrial-base.XXXXXX")
	# shellcheck disable=SC2064 # this directory, whatever work is later
	trap "rm -rf --one-file-system '$work'" EXIT
	say "making a Debian base from $mirror ..."
	debootstrap --variant=minbase "$suite" "$work/root" "$mirror" >"$made/base.log" 2>&1 </dev/null ||
		die "debootstrap of $suite from $mirror failed: $(tail -n 1 "$made/base.log") (all of it in $made/base.log)"
	# No service may start, and no cluster be made, while packages are installed.
	printf '#!/bin/sh\nexit 101\n' >"$work/root/usr/sbin/policy-rc.d"
	chmod +x "$work/root/usr/sbin/policy-rc.d"
	mkdir -p "$work/root/etc/postgresql-common"
	echo 'create_main_cluster = false' >"$work/root/etc/postgresql-common/createcluster.conf"
	DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot "$work/root" \
		apt-get install -y --no-install-recommends ca-certificates postgresql redis-server nginx-light \
		>>"$made/base.log" 2>&1 </dev/null ||
		die "installing packages into the base failed: $(tail -n 1 "$made/base.log") (all of it in $made/base.log)"
	# What is left of this machine: its resolver, its mirror, its proxy.
	rm -rf "$work/root"/{usr/sbin/policy-rc.d,etc/resolv.conf,etc/hostname} "$work/root"/etc/apt/apt.conf \
		"$work/root"/var/{cache/apt,lib/apt/lists,log}/* "$work/root"/usr/share/{doc,man,info,locale}/* "$work/root"/{tmp,run}/*
	echo "deb http://deb.debian.org/debian $suite main" >"$work/root/etc/apt/sources.list"
	install -d -o "$(stat -c %u "$work/root/var/lib/postgresql")" "$work/root/run/postgresql"
	tar -C "$work/root" --one-file-system --numeric-owner -c . | docker import - "$1" >/dev/null
	rm -rf --one-file-system "$work"
	trap - EXIT
}

# make_context_golang DIR: Go without what a build does not read, and the
# example's modules in the layout of a module proxy.
make_context_golang() {
	mkdir -p "$1/go" "$1/modules"
	tar -C "$(go env GOROOT)" -c --exclude='*/testdata' --exclude='*_test.go' --exclude=./test --exclude=./api --exclude=./doc . |
		tar -C "$1/go" -x --no-same-owner
	if [[ -f $root/examples/orders/go.mod ]]; then
		cp "$root"/examples/orders/go.{mod,sum} "$1/" 2>/dev/null || true
		(cd "$root/examples/orders" &&
			GOWORK=off GOFLAGS=-modcacherw GOMODCACHE=$1/cache go mod download -modfile="$1/go.mod") >&2 ||
			die "downloading the modules of examples/orders failed: see above"
		mv "$1/cache/cache/download"/* "$1/modules/"
		rm -rf "$1/cache" "$1"/go.{mod,sum}
	fi
}

# build_image NAME IMAGE BASE builds tools/images/NAME.
build_image() {
	local name=$1 image=$2 context start=$SECONDS
	context=$(mktemp -d "$made/image.XXXXXX")
	cp -r "$tools/images/$name/." "$context"
	if declare -F "make_context_$name" >/dev/null; then "make_context_$name" "$context"; fi
	BUILDX_NO_DEFAULT_ATTESTATIONS=1 docker buildx build --builder default --quiet --load \
		--build-arg "BASE=$3" --tag "$image" "$context" >"$made/image.log" 2>&1 </dev/null ||
		die "building tools/images/$name failed: $(tail -n 1 "$made/image.log") (all of it in $made/image.log)"
	rm -rf "$context"
	say "made $image in $((SECONDS - start))s"
}

# inputs NAME prints what a stand-in is made of.
inputs() {
	hash "$tools/images/$1"/*
	echo "$suite"
	if [[ $1 == golang ]]; then
		go env GOVERSION
		cat "$root"/examples/orders/go.{mod,sum} 2>/dev/null || true
	fi
}

if pull_official; then
	exit
fi

say "no registry: making stand-ins for ${official[*]}"
base_sum=$({ declare -f make_base; echo "$suite"; } | sha256sum | cut -c1-12)
base=$prefix/debian:$base_sum
have "$base" || { start=$SECONDS; make_base "$base"; say "made $base in $((SECONDS - start))s"; }

mapping=()
for image in "${official[@]}"; do
	name=${image%%:*}
	sum=$({ echo "$base_sum"; declare -f "make_context_$name" || true; inputs "$name"; } | sha256sum | cut -c1-12)
	have "$prefix/$name:$sum" || build_image "$name" "$prefix/$name:$sum" "$base"
	mapping+=("$image=$prefix/$name:$sum")
done
(IFS=, && echo "${mapping[*]}")
