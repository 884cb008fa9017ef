#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# setup.sh brings a Docker that is good enough: engine, compose, buildx and the
# examples' images. It uses what there is and makes only what is missing, and
# writes the environment that leads there to .tools/env.

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"
source "$tools/docker.sh"

# A caller who has evaluated `make engine-env` has our settings in the
# environment. They must not be mistaken for the user's own.
[[ ${DOCKER_HOST-} == "unix://$socket" ]] && unset DOCKER_HOST
[[ ${DOCKER_CONFIG-} == "$config" ]] && unset DOCKER_CONFIG
PATH=${PATH//"$bin:"/}
PATH=${PATH//"$bin:"/}

stamp=$made/stamps/setup
user_config=${DOCKER_CONFIG:-${HOME-}/.docker}

# inputs prints all that setup's outcome depends on.
inputs() {
	find "$tools" "$root"/examples/orders/go.{mod,sum} -type f -print0 2>/dev/null | LC_ALL=C sort -z | xargs -0 cat | sha256
	echo "${DOCKER_HOST-} ${DOCKER_CONTEXT-} $user_config ${SEATRIAL_SETUP_BESIDE-}"
	ls "$user_config" "$user_config/cli-plugins" 2>/dev/null || true
	command -v docker || true
	go env GOVERSION
}

# works: does what was set up still answer?
works() {
	[[ -f $stamp && $(<"$stamp") == "$1" ]] || return 1
	(source "$made/env" && ask docker version >/dev/null)
}

# link_config gives the user's docker configuration, reached through links, the
# plugins of ours in NAMES. Nothing of the user's is copied or written.
link_config() {
	local entry
	mkdir -p "$plugins"
	find "$config" -type l -delete
	for entry in "$user_config"/* "$user_config"/cli-plugins/*; do
		[[ -e $entry && $entry != "$user_config/cli-plugins" ]] || continue
		entry=${entry#"$user_config"/}
		[[ -e $config/$entry ]] || ln -s "$user_config/$entry" "$config/$entry"
	done
}

# env_lines [IMAGES] prints the environment that leads to what was set up.
env_lines() {
	if ((private)); then
		printf 'unset DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_API_VERSION\n'
		printf 'export DOCKER_HOST=%q\n' "unix://$socket"
		if [[ -e $engine/beside ]]; then
			printf '# This engine has a network of its own. A shell in it: nsenter --net=/proc/%s/ns/net\n' "$("$tools/engine.sh" running)"
		fi
	elif [[ -n ${DOCKER_HOST-} ]]; then
		printf 'export DOCKER_HOST=%q\n' "$DOCKER_HOST"
	elif [[ $(docker context show) != default ]]; then
		# A context holds more than an address: keys, ssh.
		printf 'export DOCKER_CONTEXT=%q\n' "$(docker context show)"
	else
		printf 'export DOCKER_HOST=%q\n' "$(docker context inspect --format '{{.Endpoints.docker.Host}}')"
	fi
	if ((${#ours[@]})); then
		printf 'export DOCKER_CONFIG=%q\n' "$config"
	elif [[ -n ${DOCKER_CONFIG-} ]]; then
		printf 'export DOCKER_CONFIG=%q\n' "$DOCKER_CONFIG"
	fi
	# shellcheck disable=SC2016 # for the reader's PATH
	if ((supplied)); then printf 'export PATH=%q:"$PATH"\n' "$bin"; fi
	if [[ -n ${1-} ]]; then printf 'export SEATRIAL_TEST_IMAGES=%q\n' "$1"; fi
	printf 'export SEATRIAL_TEST_DOCKERD=%q SEATRIAL_TEST_DOCKERD_OLD=%q\n' "$dockerd" "$dockerd_old"
	printf 'export SEATRIAL_TEST_COMPOSE_OLD=%q\n' "$compose_old" # make test builds it
}

# engines brings what the tests start engines of their own with.
engines() {
	dockerd=none dockerd_old=none
	if [[ $(uname -s) != Linux ]] || ((EUID != 0)); then
		say "tests that start an engine of their own are skipped: they need Linux and root"
		return
	fi
	if ! { engine_packages && "$tools/build.sh" engine; }; then
		say "tests that start an engine of their own are skipped: see above"
		return
	fi
	dockerd=$bin/dockerd
	dockerd_old=$("$tools/old-engine.sh")
}

engine_packages() {
	"$tools/packages.sh" ip=iproute2 iptables=iptables gcc=gcc pkg-config=pkg-config \
		'/usr/include/stdio.h=libc6-dev' '/usr/include/seccomp.h=libseccomp-dev' \
		tini-static=tini '/etc/ssl/certs/ca-certificates.crt=ca-certificates'
}

setup() {
	command -v go >/dev/null || die "looking for go: not found; install Go 1.26 or newer from https://go.dev/dl"
	rm -f "$stamp"
	local images builds
	private=0 supplied=0 ours=()
	# All that follows asks with the docker command.
	good_command || {
		if [[ -z ${DOCKER_HOST-} && ! -S /var/run/docker.sock ]]; then
			"$tools/build.sh" plan docker docker-compose docker-buildx engine
		else
			"$tools/build.sh" plan docker
		fi
		"$tools/build.sh" docker
		PATH=$bin:$PATH supplied=1
	}
	good_engine || private=1
	good_compose || ours+=(docker-compose)
	good_buildx || ours+=(docker-buildx)

	if ((private)); then
		[[ $(uname -s) == Linux ]] ||
			die "looking for an engine of version 23 or newer: none answers at $(where); start Docker Desktop or set DOCKER_HOST"
		((EUID == 0)) ||
			die "looking for an engine of version 23 or newer: none answers at $(where); set DOCKER_HOST to one, or run make setup as root, which starts a private one"
		engine_packages
	fi
	((private)) && builds=("${ours[@]}" engine) || builds=("${ours[@]}")
	"$tools/build.sh" plan "${builds[@]}"
	((!${#ours[@]})) || "$tools/build.sh" "${ours[@]}"
	((!private)) || "$tools/build.sh" engine
	((!${#ours[@]})) || link_config
	((!private)) || "$tools/engine.sh" start
	((private)) || ! "$tools/engine.sh" running >/dev/null ||
		say "the private engine is no longer needed: make clean-engine removes it"
	engines
	env_lines >"$made/env.new"
	images=$(source "$made/env.new" && "$tools/images.sh")
	env_lines "$images" >"$made/env.new"
	mv "$made/env.new" "$made/env"
}

tell() {
	source "$made/env"
	say "engine $(docker version --format '{{.Server.Version}}') at ${DOCKER_HOST:-context $DOCKER_CONTEXT}," \
		"compose $(docker compose version --short), $(docker buildx version | cut -d' ' -f2,3)"
	if "$tools/engine.sh" running >/dev/null; then
		say "this engine is private: commands in $bin and $plugins,"
		say "data and log in $engine, socket in $run"
		if [[ -e $engine/beside ]]; then say "it has a network of its own, beside the other daemon's: nsenter --net=/proc/$("$tools/engine.sh" running)/ns/net"; fi
		say "use it:  eval \"\$(make -s engine-env)\"    stop and remove it:  make clean-engine"
	fi
	if [[ -n ${SEATRIAL_TEST_IMAGES-} ]]; then say "stand-ins: ${SEATRIAL_TEST_IMAGES//,/ }"; fi
}

sum=$(inputs | sha256)
if ! works "$sum"; then
	mkdir -p "$made/stamps"
	if command -v flock >/dev/null; then
		exec 9>>"$made/lock"
		flock -n 9 || { say "waiting for another make setup in this checkout"; flock 9; }
	fi
	if ! works "$sum"; then
		setup
		echo "$sum" >"$stamp"
		tell
		exit
	fi
fi
[[ ${1-} != --tell ]] || tell
