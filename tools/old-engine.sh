#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# old-engine.sh brings Debian's engine 20.10, for private engines of tests, and
# prints the path of its dockerd. The packages are unpacked, not installed:
# nothing of theirs is started, and no file of theirs lies outside of .tools.
# Where Debian has another version, or is no Debian, it says so and prints "none".

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

old=$made/old
dockerd=$old/bin/dockerd

none() {
	say "no engine 20.10 for tests, which are skipped: $*"
	echo none
	exit 0
}

# version prints the package's that has the engine we want.
version() { apt-cache madison docker.io 2>/dev/null | awk '$3 ~ /^20\.10\./ { print $3; exit }'; }

if [[ ! -x $dockerd ]]; then
	for command in apt-get apt-cache dpkg; do
		command -v "$command" >/dev/null || none "this is no Debian"
	done
	mkdir -p "$made"
	[[ -n $(version) ]] || apt-get update >"$made/old.log" 2>&1 </dev/null || true
	[[ -n $(version) ]] || none "Debian's docker.io has another version here"
	say "unpacking Debian's docker.io $(version) ..."
	rm -rf "$old" "$old.new"
	mkdir -p "$old.new/bin"
	(
		cd "$old.new"
		apt-get download "docker.io=$(version)" containerd runc
		for package in *.deb; do
			dpkg -x "$package" .
			rm "$package"
		done
	) >"$made/old.log" 2>&1 </dev/null || none "downloading it failed: $(tail -n 1 "$made/old.log") (all of it in $made/old.log)"
	for name in dockerd docker-proxy containerd containerd-shim-runc-v2 runc; do
		for dir in usr/sbin usr/bin; do
			[[ -x $old.new/$dir/$name ]] || continue
			ln -s "../$dir/$name" "$old.new/bin/$name"
			break
		done
	done
	mv "$old.new" "$old"
fi
"$tools/packages.sh" '/usr/lib/*/libdevmapper.so.1.02.1=libdevmapper1.02.1' '/usr/lib/*/libsystemd.so.0=libsystemd0' \
	'/usr/lib/*/libseccomp.so.2=libseccomp2'
echo "$dockerd"
