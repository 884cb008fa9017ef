#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The private engine: dockerd, and the containerd that it starts, detached.
#
#   engine.sh start      start it, unless it runs
#   engine.sh running    does it run?
#   engine.sh enter CMD  run CMD where 127.0.0.1 is the engine's 127.0.0.1
#   engine.sh clean      stop it and remove all that it made

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"
source "$tools/machine.sh"

# born PID prints when a living process started, in clock ticks since boot. One
# that ended and was not yet reaped is not living.
born() { sed '/.*) Z/d; s/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

boot() { cat /proc/sys/kernel/random/boot_id; }

# running prints the engine's pid. A pid alone proves nothing: after a reboot,
# or in time, it is somebody else's.
running() {
	local pid born boot
	read -r pid born boot 2>/dev/null <"$engine/pid" || return 1
	[[ $(born "$pid") == "$born" && $(boot) == "$boot" ]] && echo "$pid"
}

answers() { engine_docker version >/dev/null 2>&1; }

beside() { [[ -e $engine/beside ]]; }

# neighbours prints the pids of other docker daemons in this network. Only
# living processes count: a dead daemon leaves its bridge behind.
neighbours() {
	local comm pid mine
	mine=$(running || true)
	for comm in /proc/[0-9]*/comm; do
		[[ $(cat "$comm" 2>/dev/null) == dockerd ]] || continue
		pid=${comm#/proc/} pid=${pid%/comm}
		[[ $pid != "$mine" && $(readlink "/proc/$pid/ns/net") == "$(readlink /proc/self/ns/net)" ]] && echo "$pid"
	done
	return 0
}

start() {
	local pid fd
	if pid=$(running); then
		if answers; then
			current
			return
		fi
		die "asking the private engine: process $pid is there but does not answer on $socket; see $engine/log, or make clean-engine"
	fi
	sweep # what a killed engine left: its containerd, containers and mounts

	mkdir -p "$engine" "$run"
	chmod 711 "$run" # the socket's own mode says who may use it
	rm -f "$engine/beside" "$run"/*.pid "$run"/exec/containerd/*.pid
	configure >"$engine/daemon.json"
	open_cgroups

	local here=()
	if [[ -n $(neighbours) || -n ${SEATRIAL_SETUP_BESIDE-} ]]; then
		touch "$engine/beside"
		here=(unshare --net --mount --uts "$tools/engine.sh" inside)
	else
		[[ -e $engine/before ]] || machine_before
	fi

	# Nothing is inherited: neither streams, for which a pipe's reader would
	# wait, nor setup's lock (descriptor 9) or what else the caller has open.
	(
		cd /
		for fd in {3..9}; do eval "exec $fd>&-"; done
		ulimit -n 1048576 2>/dev/null || true
		PATH=$bin:$PATH exec setsid "${here[@]}" "$bin/dockerd" --config-file "$engine/daemon.json" \
			</dev/null >>"$engine/log" 2>&1
	) &
	pid=$!
	disown
	echo "$pid $(born "$pid") $(boot)" >"$engine/pid"
	until answers; do
		kill -0 "$pid" 2>/dev/null ||
			die "starting the private engine: it ended with: $(tail -n 1 "$engine/log") (all of it in $engine/log)"
		((SECONDS < 90)) || die "starting the private engine: no answer on $socket within 90s; see $engine/log"
		sleep 0.2
	done
}

# current says so when what runs is older than what was built. A restart would
# end the containers of whoever works with it.
current() {
	[[ $("$bin/dockerd" --version) == *"build $(engine_docker version --format '{{.Server.GitCommit}}')" ]] ||
		say "the private engine still runs an older build: make clean-engine setup brings the new one"
}

# inside CMD... runs in the engine's own network and mount namespaces, where
# /sys must show that network: dockerd finds its bridge there. A new sysfs has
# no cgroups in it, so the old ones are brought along.
inside() {
	local kept=$run/cgroup
	mkdir -p "$kept"
	mount --make-rslave /
	mount --rbind /sys/fs/cgroup "$kept"
	mount -t sysfs sysfs /sys
	mount --rbind "$kept" /sys/fs/cgroup
	umount -l "$kept"
	ip link set lo up
	hostname "seatrial-$id"
	exec "$@"
}

# overlays: can layers lie on one another here? Not in a container whose files
# are layers themselves; then they are copied, which is slow and takes room.
overlays() {
	local try=$engine/try
	mkdir -p "$try"/{lower,upper,work,merged}
	mount -t overlay overlay -o "lowerdir=$try/lower,upperdir=$try/upper,workdir=$try/work" "$try/merged" 2>/dev/null &&
		umount "$try/merged"
}

# configure prints the engine's settings. BuildKit keeps a record of each build
# for two days, and each container that goes makes containerd look at all of
# them: of 1,400, which is a day's work here, twice the time of a removal.
configure() {
	local init native=''
	init=$(command -v tini-static || true)
	overlays || native=native
	rm -rf "$engine/try"
	cat <<-EOF
		{
		  "hosts": ["unix://$socket"],
		  "group": "$group",
		  "data-root": "$engine/data",
		  "exec-root": "$run/exec",
		  "pidfile": "$run/docker.pid",
		  "exec-opts": ["native.cgroupdriver=cgroupfs"],
		  "cgroup-parent": "/seatrial-$id",
		  ${init:+\"init-path\": \"$init\",}
		  ${native:+\"storage-driver\": \"$native\",}
		  "builder": {"history": {"maxEntries": 20, "maxAge": "5m"}},
		  "userland-proxy-path": "$bin/docker-proxy"
		}
	EOF
}

# open_cgroups: inside a container with cgroup v2, processes sit in the top
# group, and then the kernel lets no group below have controllers.
open_cgroups() {
	[[ -e /sys/fs/cgroup/cgroup.type ]] || return 0
	mkdir -p /sys/fs/cgroup/init
	xargs -rn1 </sys/fs/cgroup/cgroup.procs >/sys/fs/cgroup/init/cgroup.procs 2>/dev/null || true
	sed 's/ / +/g; s/^/+/' /sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || true
}

# cgroups prints our control groups, innermost first.
cgroups() { find /sys/fs/cgroup -depth -type d -path "*/seatrial-$id*" 2>/dev/null || true; }

# left_over prints the pids of what dockerd started: its containerd, shims, and
# all that is in our control groups.
left_over() {
	local file
	for file in /proc/[0-9]*/cmdline; do
		[[ $(tr '\0' ' ' 2>/dev/null <"$file") == *" $run/exec/containerd/"* ]] || continue
		file=${file#/proc/}
		# The commands that look are found as well as those looked for.
		case $(cat "/proc/${file%/cmdline}/comm" 2>/dev/null) in containerd*) echo "${file%/cmdline}" ;; esac
	done
	# 0 stands for a process that this pid namespace does not see; to kill it
	# would be to kill ourselves.
	cgroups | while read -r file; do cat "$file/cgroup.procs" 2>/dev/null; done | sort -u | grep -vx 0 || true
}

# sweep ends what outlived the daemon.
sweep() {
	local tries mount pids
	for tries in {1..50}; do
		pids=$(left_over)
		[[ -n $pids ]] || break
		# shellcheck disable=SC2086 # one word per pid
		kill -9 $pids 2>/dev/null || true
		sleep 0.1
	done
	awk -v a="$engine/" -v b="$run/" 'index($5, a) == 1 || index($5, b) == 1 { print $5 }' /proc/self/mountinfo |
		tac | while read -r mount; do umount -l "$mount"; done
	cgroups | while read -r mount; do rmdir "$mount" 2>/dev/null || true; done
}

clean() {
	local pid tries
	# A daemon that was killed is started once more: it knows what it made.
	[[ ! -s $engine/pid ]] || (start) || true
	if pid=$(running); then
		# Bridges and rules go with their networks.
		if answers; then
			engine_docker swarm leave --force >/dev/null 2>&1 || true
			# A watchdog may be removing the same ones; sweep takes what stays.
			engine_docker ps -aq | xargs -r "$tools/engine.sh" docker rm -fv >/dev/null 2>&1 || true
			engine_docker network prune -f >/dev/null || true
		fi
		kill "$pid"
		for tries in {1..150}; do
			running >/dev/null || break
			((tries < 150)) || kill -9 "$pid"
			sleep 0.2
		done
	fi
	[[ -e $engine || -e $run ]] || return 0
	sweep
	# A network of its own ends with its last process.
	beside || machine_restore
	rm -rf "$engine" "$run" "$made/env" "$made/stamps/setup"
	say "the private engine is stopped, and its data removed"
}

case ${1-} in
start | running | inside | clean) "$@" ;;
docker)
	shift
	engine_docker "$@"
	;;
enter)
	shift
	if pid=$(running) && beside; then
		exec nsenter --net="/proc/$pid/ns/net" "$@"
	fi
	exec "$@"
	;;
*) die "usage: engine.sh start | running | enter CMD | clean" ;;
esac
