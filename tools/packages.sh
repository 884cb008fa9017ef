#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# packages.sh COMMAND=PACKAGE... installs Debian packages whose command (or
# file, if it holds a slash) is missing. Not root: names them in one sentence.

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

missing=()
for pair; do
	what=${pair%%=*}
	if [[ $what == */* ]]; then
		compgen -G "$what" >/dev/null || missing+=("${pair#*=}")
	else
		command -v "$what" >/dev/null || missing+=("${pair#*=}")
	fi
done
((${#missing[@]})) || exit 0

((EUID == 0)) || die "looking for ${missing[*]}: not installed; run as root: apt-get install ${missing[*]}"
command -v apt-get >/dev/null ||
	die "looking for ${missing[*]}: not installed, and this is no Debian; install what your system calls these"

say "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$made/apt.log
apt-get install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 </dev/null ||
	{ apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null ||
	die "installing ${missing[*]} with apt-get failed: $(tail -n 1 "$log") (all of it in $log)"
