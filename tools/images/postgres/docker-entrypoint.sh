#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Starts PostgreSQL, after making a cluster on the first start.
set -eu

# Anything but the server is run as it is: psql, a shell.
case ${1-} in
-*) set -- postgres "$@" ;;
postgres) ;;
*) exec "$@" ;;
esac

if [ "$(id -u)" = 0 ]; then
	mkdir -p "$PGDATA"
	chmod 700 "$PGDATA"
	find "$PGDATA" /var/run/postgresql ! -user postgres -exec chown postgres:postgres {} +
	exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

sql() { psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "$user" "$@"; }

first_start() {
	if [ -n "${POSTGRES_PASSWORD_FILE-}" ]; then
		POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
	fi
	hosts=scram-sha-256
	if [ "${POSTGRES_HOST_AUTH_METHOD-}" = trust ]; then
		hosts=trust
	elif [ -z "${POSTGRES_PASSWORD-}" ]; then
		echo "database is uninitialized and POSTGRES_PASSWORD is not set" >&2
		exit 1
	fi

	password=$(mktemp)
	printf '%s\n' "${POSTGRES_PASSWORD:-postgres}" >"$password"
	# shellcheck disable=SC2086 # several arguments may be meant
	initdb --username="$user" --pwfile="$password" --auth-local=trust --auth-host=scram-sha-256 ${POSTGRES_INITDB_ARGS-}
	rm "$password"
	echo "host all all all $hosts" >>"$PGDATA/pg_hba.conf"
	echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"

	# A server that only this script can reach, until the data is in place.
	pg_ctl --wait --silent -o "-c listen_addresses=''" start
	if [ "$database" != postgres ]; then
		sql --dbname postgres -v name="$database" <<-'SQL'
			CREATE DATABASE :"name";
		SQL
	fi
	for file in /docker-entrypoint-initdb.d/*; do
		case $file in
		*.sh)
			echo "running $file"
			# shellcheck disable=SC1090 # the user's file
			if [ -x "$file" ]; then "$file"; else . "$file"; fi
			;;
		*.sql)
			echo "running $file"
			sql --dbname "$database" --file "$file"
			;;
		*.sql.gz)
			echo "running $file"
			gunzip -c "$file" | sql --dbname "$database"
			;;
		esac
	done
	pg_ctl --wait --silent --mode=fast stop
	echo "PostgreSQL init process complete; ready for start up."
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
	first_start
fi
unset POSTGRES_PASSWORD
exec "$@"
