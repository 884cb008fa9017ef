#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fresh-root.sh proves that two commands are enough on a fresh machine: in a new
# Debian that has only make, git, curl and Go, with an empty home and a network
# of its own, it clones this checkout's HEAD and runs make demo and make test.
# Needs root, debootstrap, iproute2 and iptables. Takes a quarter of an hour.
#
#   fresh-root.sh [--cache DIR] [--keep]
#
#   --cache DIR  keep Go's caches and Debian's packages there for the next time
#   --keep       leave the directory in place

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

suite=bookworm
subnet=10.213.7 # between here and there
link=seatrial-fresh
cache='' keep=0

while (($#)); do
	case $1 in
	--cache) mkdir -p "$2" && cache=$(cd "$2" && pwd -P) && shift 2 ;;
	--keep) keep=1 && shift ;;
	inside | there) break ;;
	*) die "usage: fresh-root.sh [--cache DIR] [--keep]" ;;
	esac
done

outside() {
	local mirror
	((EUID == 0)) || die "making a fresh Debian: debootstrap needs root"
	ip link show "$link" >/dev/null 2>&1 && die "making a network: $link is there already; does another fresh-root.sh run?"

	work=$(mktemp -d /var/tmp/seatrial-fresh.XXXXXX)
	trap clean EXIT
	trap 'exit 143' HUP INT TERM

	# shellcheck disable=SC2016 # apt-get expands it
	mirror=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $suite" "Label: Debian" 2>/dev/null | head -n 1)
	say "making a fresh Debian in $work ..."
	[[ -z $cache ]] || mkdir -p "$cache"/{deb,build,mod}
	debootstrap ${cache:+--cache-dir="$cache/deb"} --variant=minbase --include=make,git,curl,ca-certificates \
		"$suite" "$work/root" "${mirror:-http://deb.debian.org/debian}" >"$work/log" 2>&1 </dev/null ||
		die "debootstrap failed: $(tail -n 1 "$work/log") (all of it in $work/log)"
	cp -a "$(go env GOROOT)" "$work/root/usr/local/go"
	# A name that no checkout on this machine has: an engine's control groups are
	# named after it, and seen by all.
	checkout=/root/seatrial-${work##*.}
	git clone -q --no-hardlinks "$root" "$work/root$checkout"
	cp "${BASH_SOURCE[0]}" "$tools/paths.sh" "$work/root/usr/local/lib/"
	# What a machine here is given to reach the world: certificates, a proxy.
	cp /etc/ssl/certs/ca-certificates.crt "$work/root/etc/ssl/certs/"
	apt-config dump | grep '^Acquire::http.*Proxy' >"$work/root/etc/apt/apt.conf.d/proxy" || true

	unshare --net --mount --uts --ipc --pid --fork --kill-child \
		"${BASH_SOURCE[0]}" ${cache:+--cache "$cache"} inside "$work/root" "$checkout" </dev/null &
	child=$!
	connect
	wait "$child"
}

# connect gives the child's network a way out.
connect() {
	local here
	here=$(readlink /proc/self/ns/net)
	until [[ $(readlink "/proc/$child/ns/net") != "$here" ]]; do
		kill -0 "$child"
		sleep 0.1
	done
	ip link add "$link" type veth peer name eth0 netns "$child"
	ip address add "$subnet.1/30" dev "$link"
	ip link set "$link" up
	forwarding=$(cat /proc/sys/net/ipv4/ip_forward)
	echo 1 >/proc/sys/net/ipv4/ip_forward
	rules -I
}

rules() {
	iptables -t nat "$1" POSTROUTING -s "$subnet.0/30" ! -o "$link" -j MASQUERADE
	iptables "$1" FORWARD -i "$link" -j ACCEPT
	iptables "$1" FORWARD -o "$link" -j ACCEPT
}

clean() {
	# All others go with the first process of their namespace. unshare, which
	# waits for it, heeds no lesser signal.
	if [[ -n ${child-} ]] && kill -9 "$child" 2>/dev/null; then wait "$child" 2>/dev/null || true; fi
	# The link went with the namespace at its other end.
	if [[ -n ${forwarding-} ]]; then
		rules -D
		echo "$forwarding" >/proc/sys/net/ipv4/ip_forward
	fi
	if [[ -n ${checkout-} ]]; then
		find /sys/fs/cgroup -depth -type d -path "*/seatrial-$(printf %s "$checkout" | sha256 | cut -c1-8)*" -exec rmdir {} + 2>/dev/null || true
	fi
	if ((keep)); then say "kept $work"; else rm -rf --one-file-system "$work"; fi
}

# inside ROOT CHECKOUT: with this machine's commands, in the new namespaces.
inside() {
	local root=$1 checkout=$2 setting name
	until ip link show eth0 >/dev/null 2>&1; do sleep 0.1; done
	ip link set lo up
	ip address add "$subnet.2/30" dev eth0
	ip link set eth0 up
	ip route add default via "$subnet.1"
	hostname fresh

	mount --make-rslave /
	mount --bind "$root" "$root"
	cd "$root"
	mount -t proc proc proc
	mount -t sysfs sysfs sys
	mount --rbind /sys/fs/cgroup sys/fs/cgroup
	mount -t tmpfs tmpfs run
	mount -t tmpfs tmpfs dev
	mkdir dev/pts dev/shm
	mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
	mount -t tmpfs tmpfs dev/shm
	ln -s pts/ptmx dev/ptmx
	ln -s /proc/self/fd dev/fd
	for name in null:3 zero:5 full:7 random:8 urandom:9; do
		mknod -m 666 "dev/${name%:*}" c 1 "${name#*:}"
	done
	mknod -m 666 dev/tty c 5 0
	if [[ -d /lib/modules ]]; then mkdir -p lib/modules && mount --rbind /lib/modules lib/modules; fi

	local settings=(HOME=/root TERM=dumb LANG=C.UTF-8 SEATRIAL_TEST=fresh
		PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
	for name in GOPROXY GONOPROXY GOPRIVATE GOSUMDB GONOSUMDB GOINSECURE GOFLAGS; do
		setting=$(go env "$name")
		[[ -z $setting ]] || settings+=("$name=$setting")
	done
	for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
		[[ -z ${!name-} ]] || settings+=("$name=${!name}")
	done
	if [[ -n $cache ]]; then
		mkdir -p srv/build srv/mod
		mount --bind "$cache/build" srv/build
		mount --bind "$cache/mod" srv/mod
		settings+=(GOCACHE=/srv/build GOMODCACHE=/srv/mod)
	fi

	# Not chroot: containers are started with pivot_root, which wants a root
	# that is a mount.
	mkdir -p mnt/before
	pivot_root . mnt/before
	cd /
	umount -l /mnt/before
	rmdir /mnt/before
	exec env -i "${settings[@]}" bash /usr/local/lib/fresh-root.sh there "$checkout"
}

# there CHECKOUT: in the fresh Debian, with nothing but what it has.
there() {
	local command start ignored clean=1
	cd "$1"
	before=$(state)
	for command in 'make demo' 'make test'; do
		grep -q "$command" README.md || die "README.md does not say: $command"
		say "--- $command"
		start=$SECONDS
		$command || { say "FAIL: $command"; exit 1; }
		say "--- $command took $((SECONDS - start))s"
	done
	[[ -z $(git status --porcelain) ]] || { say "FAIL: the checkout is not clean:"; git status --short >&2; clean=0; }
	ignored=$(git status --porcelain --ignored | grep -v '^!! \(.tools\|artifacts\)/$') && { say "FAIL: new in the checkout: $ignored"; clean=0; }
	make clean-engine
	after=$(state)
	[[ $after == "$before" ]] || { say "FAIL: left behind (< before, > after):"; diff <(echo "$before") <(echo "$after") >&2; clean=0; }
	((clean)) || exit 1
	say "--- make demo, make test: passed, and nothing is left"
}

# state prints what must not change: processes, mounts, all below /tmp, and files in /run and
# at home, where Debian's packages make directories; in /run also a lock and a link.
state() {
	local file
	for file in /proc/[0-9]*; do
		# Shells, and this function's own commands, have this script's name.
		tr '\0' ' ' 2>/dev/null <"$file/cmdline" | grep -v 'fresh-root.sh\|^tr ' || true
	done
	cut -d' ' -f5 /proc/self/mountinfo
	find /tmp /var/tmp -mindepth 1
	# Go has its caches and its counters at home.
	find /run /root \( -path "$PWD" -o -path /run/lock -o -path /root/go -o -path /root/.cache -o -path /root/.config \) -prune -o \
		! -type d ! -name xtables.lock ! -name adduser ! -name shm -print
}

case ${1-} in
inside | there) "$@" ;;
*) outside ;;
esac
