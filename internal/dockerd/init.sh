# SPDX-License-Identifier: Apache-2.0
# The first process of a private engine: pid 1 of namespaces of its own. When it
# ends, the kernel ends all others in there, and with them mounts and network.
# It ends with whoever holds the other end of its descriptor 3.
#
#   init.sh DIR NAME HOSTNAME FALLBACK DOCKERD ARG...
#
# Descriptor 3 brings one line, ADDRESS GATEWAY MTU, and then nothing more until
# its end. On 4 is said: "up" when that line is awaited, "ended CODE" when dockerd
# ended.
set -eu
dir=$1 name=$2 hostname=$3 fallback=$4
shift 4
exec 5>&- 6>&- 7>&- 8>&- 9>&- # what an ancestor forgot
# shellcheck disable=SC3045 # where a shell has no such limit, there is none to raise
ulimit -n 1048576 2>/dev/null || ulimit -n "$(ulimit -Hn)" 2>/dev/null || :

mount --make-rprivate /
mount -t proc proc /proc
echo "$hostname" >/proc/sys/kernel/hostname

# A new sysfs shows this network, where dockerd looks for its bridge. It has no
# control groups in it: the old ones are brought along.
mkdir "$dir/hold"
mount --rbind /sys/fs/cgroup "$dir/hold"
mount -t sysfs sysfs /sys
mount --rbind "$dir/hold" /sys/fs/cgroup
umount -l "$dir/hold"
rmdir "$dir/hold"

# A /run of its own: containerd's shims have their sockets in a fixed place there,
# and other daemons theirs. Our socket's directory may lie in it.
exec 5<"$dir"
second=
if [ -d "/run/$name" ]; then
	second=/run/$name
	exec 6<"$second"
fi
mount -t tmpfs -o mode=755 tmpfs /run
case $dir in /run/*) mkdir -p "$dir" && mount -c --bind /proc/self/fd/5 "$dir" ;; esac
[ -z "$second" ] || { mkdir "$second" && mount -c --bind /proc/self/fd/6 "$second"; }
exec 5>&- 6>&-

# What dockerd and containerd write to /etc and /opt stays in here, and the
# machine's settings for its own daemon don't count.
for tree in etc opt; do
	[ -d /$tree ] || continue
	mkdir -p /run/seatrial/$tree/upper /run/seatrial/$tree/work
	mount -t overlay -o "lowerdir=/$tree,upperdir=/run/seatrial/$tree/upper,workdir=/run/seatrial/$tree/work" overlay /$tree
done
rm -f /etc/docker/daemon.json /etc/docker/key.json

# Layers cannot lie on one another where DIR is made of layers itself, in a
# container. The classic store finds that out by itself.
overlays() {
	mkdir -p "$dir/try/lower" "$dir/try/upper" "$dir/try/work" "$dir/try/merged"
	mount -t overlay -o "lowerdir=lower,upperdir=upper,workdir=work" overlay merged 2>/dev/null && umount merged
}
if [ -n "$fallback" ] && ! (mkdir -p "$dir/try" && cd "$dir/try" && overlays); then
	case $("$1" --version) in
	*" version 1"[0-9].* | *" version 2"[0-8].*) ;; # these have the classic store
	*) set -- "$@" --storage-driver "$fallback" ;;
	esac
fi
rm -rf "$dir/try"

ip link set lo up
echo up >&4
read -r address gateway mtu <&3
ip address add "$address" dev eth0
ip link set eth0 mtu "$mtu" up
# Who has its address alone has the gateway for its only neighbour.
case $address in */32) ip route add "$gateway" dev eth0 scope link ;; esac
[ "$gateway" = - ] || ip route add default via "$gateway"
rm -f /etc/resolv.conf
cat "$dir/resolv.conf" >/etc/resolv.conf

# pid 1 hears only the signals that it waits for. It waits for children and not
# for descriptor 3, so that nobody's orphans stay about.
trap 'exit 0' TERM
(
	while read -r _ <&3; do :; done
	kill -TERM 1
) 4>&- &
"$@" 3<&- 4>&- &
code=0
wait $! || code=$?
echo "ended $code" >&4
while :; do wait; done
