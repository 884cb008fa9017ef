# SPDX-License-Identifier: Apache-2.0
# Sourced by the other scripts: where things are, and how to speak.
# shellcheck shell=bash disable=SC2034

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
tools=$root/tools
made=$root/.tools             # everything that setup makes
bin=$made/bin                 # commands
config=$made/docker           # a docker configuration with our plugins
plugins=$config/cli-plugins
compose_old=$made/compose-old/docker-compose # the oldest that is supported
engine=$made/engine           # the private engine: data, logs, state

# A unix socket's path must be short, whatever the checkout's: sockets live
# under /run, in a directory that is this checkout's own.
sha256() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }
id=$(printf %s "$root" | sha256 | cut -c1-8)
run=/run/seatrial-$id
socket=$run/docker.sock

# The group that may use the private engine's socket. A number without an entry
# in /etc/group, so that nobody is in it by accident.
group=7420

# sbin holds ip, iptables and debootstrap, and is not on everybody's PATH.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# All that is said goes to stderr: stdout belongs to `make engine-env`.
say() { printf '%s\n' "$*" >&2; }
die() {
	printf 'setup: %s\n' "$*" >&2
	exit 1
}

# hash FILE... prints a short hash of the names and contents of files.
hash() { sha256 "$@" | sed "s|$root/||" | sha256 | cut -c1-12; }

# engine_docker is the docker command on the private engine.
engine_docker() {
	DOCKER_HOST=unix://$socket DOCKER_CONFIG=$config PATH=$bin:$PATH command docker "$@"
}
