# A private MariaDB: own data directory, own socket, a port on loopback.
# shellcheck shell=bash

mariadb_start() { # RUN
	local run=$1 data port options
	need_packages mariadb-server-core mariadb-client-core
	run_open "$run"
	if is_running "$run" mariadb; then
		say "mariadb is running already"
		return
	fi
	data=$(run_data "$run")
	port=$(free_port)
	say "starting mariadb on port $port"
	rm -rf "$data/mariadb" # of a start that failed
	mkdir "$data/mariadb"
	run_account_sql "$run" >"$data/mariadb/account.sql"
	chmod 600 "$data/mariadb/account.sql"
	own_by_server_user "$data/mariadb"
	quietly "${AS_SERVER_USER[@]}" mariadb-install-db --no-defaults --datadir="$data/mariadb/data" \
		--auth-root-authentication-method=normal --skip-test-db --force ||
		die "mariadb-install-db failed"
	mapfile -t options < <(run_database_options "$data/tls")
	spawn "$run" mariadb "${AS_SERVER_USER[@]}" /usr/sbin/mariadbd --no-defaults \
		--datadir="$data/mariadb/data" --socket="$data/mariadb/mariadb.sock" \
		--pid-file="$data/mariadb/pid" --port="$port" \
		--init-file="$data/mariadb/account.sql" "${options[@]}"
	wait_ready "$run" mariadb 60 run_logged_in "$run" "$port"
	run_add "$run" ETL_TEST_MARIADB_HOST 127.0.0.1 ETL_TEST_MARIADB_PORT "$port" \
		ETL_TEST_MARIADB_SOCKET "$data/mariadb/mariadb.sock"
}

# SIGKILL, and the same server on the same port again.
mariadb_crash() { # RUN
	kill_spawned "$1" mariadb
	spawn_again "$1" mariadb
	wait_ready "$1" mariadb 60 run_logged_in "$1" "$(. "$1/env" && echo "$ETL_TEST_MARIADB_PORT")"
}
