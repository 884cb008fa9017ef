# SPDX-License-Identifier: Apache-2.0
# Sourced by engine.sh: what a daemon changes on the machine, and how it was.
# shellcheck shell=bash disable=SC2154 # paths.sh assigns them

# machine_before notes what a daemon changes on the machine and leaves when it
# stops.
machine_before() {
	mkdir -p "$engine/before.new"
	cat /proc/sys/net/ipv4/ip_forward >"$engine/before.new/ip_forward"
	bridges >"$engine/before.new/bridges"
	directories >"$engine/before.new/directories"
	iptables-save >"$engine/before.new/iptables" 2>/dev/null
	ip6tables-save >"$engine/before.new/ip6tables" 2>/dev/null
	mv "$engine/before.new" "$engine/before"
}

bridges() { ip -o link show type bridge | sed -nE 's/^[0-9]+: (docker0|docker_gwbridge|br-[0-9a-f]{12}):.*/\1/p'; }

# directories prints those that every containerd and runc share, if they exist.
directories() { ls -d /run/containerd/s /run/containerd /run/docker/plugins /run/docker /run/runc 2>/dev/null || true; }

machine_restore() {
	local before=$engine/before name
	[[ -d $before ]] || return 0
	# Somebody's daemon came later and lives on what ours would take away.
	[[ -z $(neighbours) ]] || { say "another docker daemon runs here: leaving bridges and firewall rules"; return 0; }
	for name in $(bridges | grep -vxFf "$before/bridges" || true); do
		ip link delete "$name"
	done
	directories | sort -r | grep -vxFf "$before/directories" | xargs -r rmdir 2>/dev/null || true
	firewall_restore iptables
	firewall_restore ip6tables
	cat "$before/ip_forward" >/proc/sys/net/ipv4/ip_forward
}

# firewall_restore COMMAND deletes the rules and chains of Docker's that were
# not there before, and gives FORWARD its policy back.
firewall_restore() {
	local cmd=$1 before=$engine/before/$1 table='' line policy
	while read -r line; do
		case $line in
		\**) table=${line#\*} ;;
		-A\ DOCKER*) ;; # goes with its chain
		-A\ *DOCKER* | -A\ *docker0* | -A\ *br-* | -A\ *docker_gwbridge*)
			grep -qxF -- "$line" "$before" || eval "$cmd -t $table -D ${line#-A }" ;;
		esac
	done < <("$cmd-save" 2>/dev/null)
	# All chains are emptied before any is deleted: they jump to one another.
	local flag
	for flag in -F -X; do
		while read -r line; do
			case $line in
			\**) table=${line#\*} ;;
			:DOCKER*)
				line=${line%% *}
				grep -q "^$line " "$before" || "$cmd" -t "$table" "$flag" "${line#:}" ;;
			esac
		done < <("$cmd-save" 2>/dev/null)
	done
	policy=$(sed -n '/^\*filter/,/^COMMIT/s/^:FORWARD \([A-Z]*\).*/\1/p' "$before")
	"$cmd" -P FORWARD "${policy:-ACCEPT}"
}
