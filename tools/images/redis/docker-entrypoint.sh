#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Starts Redis as its own user, reachable from other containers.
set -eu

case ${1-} in
-* | *.conf) set -- redis-server "$@" ;;
esac
[ "${1-}" = redis-server ] || exec "$@"

# Later arguments win, so what the caller says counts: ours go in between.
shift
case ${1-} in
*.conf)
	file=$1
	shift
	set -- "$file" --protected-mode no "$@"
	;;
*) set -- --bind '* -::*' --protected-mode no "$@" ;;
esac
set -- redis-server "$@"

if [ "$(id -u)" = 0 ]; then
	find . ! -user redis -exec chown redis:redis {} +
	exec setpriv --reuid=redis --regid=redis --init-groups "$@"
fi
exec "$@"
