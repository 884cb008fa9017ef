# SPDX-License-Identifier: Apache-2.0
# Sourced by setup.sh: is the Docker that answers good enough?
# shellcheck shell=bash

# at_least VERSION MINIMUM compares dotted numbers.
at_least() { [[ $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# ask CMD... runs a docker command that must not hang: an ssh or tcp engine that
# is gone may keep a connection open for minutes.
ask() { if command -v timeout >/dev/null; then timeout 15 "$@"; else "$@"; fi </dev/null 2>/dev/null; }

# where says which Docker the user's settings name.
where() { echo "${DOCKER_HOST:-docker context $(ask docker context show || echo default)}"; }

good_command() {
	command -v docker >/dev/null || { say "no docker command found"; return 1; }
	local v
	# A client speaks of itself also when no engine answers.
	v=$(ask docker version --format '{{.Client.Version}}' | head -n 1) || true
	at_least "${v:-0}" 23 || { say "the docker command is version ${v:-unknown}: older than 23"; return 1; }
}

# good_engine looks at the API version: it is a number also where the engine's
# own version is a name.
good_engine() {
	local api
	api=$(ask docker version --format '{{.Server.APIVersion}}') || true
	[[ -n $api ]] || { say "no engine answers at $(where)"; return 1; }
	at_least "$api" 1.42 ||
		{ say "the engine at $(where) is too old: it speaks API $api, engine 23 speaks 1.42"; return 1; }
}

good_compose() {
	local v
	v=$(ask docker compose version --short) || { say "docker has no compose plugin"; return 1; }
	at_least "${v#v}" 2.24.6 || { say "the compose plugin is version $v: older than 2.24.6"; return 1; }
}

good_buildx() { ask docker buildx version >/dev/null || { say "docker has no buildx plugin"; return 1; }; }
