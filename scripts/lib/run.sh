# A run directory: the servers of one developer, test run or demo. Several can live at once.
#
#   RUN/env          what to source: the addresses and the account of every server that is up
#   RUN/NAME.pid     process id and start time
#   RUN/NAME.log     what the server said
#   RUN/data         names the data directory, which lies under /tmp: the servers' account must
#                    be able to reach it, and a socket's path may have only 107 characters
#   RUN/mysql-data   the same for MySQL, as seen inside its root
#
# shellcheck shell=bash

# run_open RUN: makes the directory, the certificates and the common part of RUN/env. Repeating
# it is harmless.
run_open() {
	local run=$1 data
	mkdir -p "$run"
	[ ! -f "$run/env" ] || return 0
	data=$(mktemp -d "${TMPDIR:-/tmp}/etl-XXXXXX")
	chmod 755 "$data"
	printf '%s\n' "$data" >"$run/data"
	run_make_certificates "$data/tls"
	{
		run_export ETL_TEST_DB_USER etl_test
		run_export ETL_TEST_DB_PASSWORD "$(openssl rand -hex 12)"
		run_export ETL_TEST_CA "$data/tls/ca.pem"
		run_export ETL_TEST_OTHER_CA "$data/tls/other-ca.pem"
	} >"$run/env.new"
	chmod 600 "$run/env.new"
	mv "$run/env.new" "$run/env"
}

run_export() { printf 'export %s=%q\n' "$1" "$2"; }

run_data() { cat "$1/data"; }

# run_add RUN NAME VALUE...: adds a server's variables to RUN/env, once the server is ready.
run_add() {
	local run=$1
	shift
	while [ $# -gt 0 ]; do
		run_export "$1" "$2" >>"$run/env"
		shift 2
	done
}

# run_close RUN: stops every server and removes all of it but the logs.
run_close() {
	local run=$1 name
	[ -d "$run" ] || return 0
	for name in dynamodb mariadb mysql; do
		stop_spawned "$run" "$name"
	done
	mysql_remove_data "$run"
	if [ -f "$run/data" ]; then
		rm -rf --one-file-system "$(run_data "$run")"
	fi
	rm -f "$run/env" "$run/env.new" "$run/data"
}

# A CA, a server certificate for localhost and 127.0.0.1, and a second CA that signed nothing,
# for tests of what must be refused. The servers also listen on 127.0.0.2, which the
# certificate does not name.
run_make_certificates() {
	local dir=$1 name
	need_command openssl openssl
	mkdir -p "$dir"
	for name in ca other-ca; do
		quietly openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=etl test $name" \
			-keyout "$dir/$name-key.pem" -out "$dir/$name.pem" ||
			die "openssl could not make the certificate '$name'"
	done
	quietly openssl req -newkey rsa:2048 -nodes -subj /CN=localhost \
		-keyout "$dir/server-key.pem" -out "$dir/server.csr" ||
		die "openssl could not make the server's key"
	printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >"$dir/server.ext"
	quietly openssl x509 -req -days 30 -in "$dir/server.csr" -extfile "$dir/server.ext" \
		-CA "$dir/ca.pem" -CAkey "$dir/ca-key.pem" -CAcreateserial -out "$dir/server.pem" ||
		die "openssl could not sign the server's certificate"
	own_by_server_user "$dir/server-key.pem"
}

# run_account_sql RUN: statements that make the account of the tests; for a server's --init-file.
run_account_sql() {
	(
		. "$1/env"
		for host in localhost %; do
			printf "CREATE USER IF NOT EXISTS '%s'@'%s' IDENTIFIED BY '%s';\n" \
				"$ETL_TEST_DB_USER" "$host" "$ETL_TEST_DB_PASSWORD"
			printf "GRANT ALL ON *.* TO '%s'@'%s' WITH GRANT OPTION;\n" \
				"$ETL_TEST_DB_USER" "$host"
		done
	)
}

# run_logged_in RUN PORT: does the account get in?
run_logged_in() {
	(
		. "$1/env"
		export MYSQL_PWD=$ETL_TEST_DB_PASSWORD
		mariadb --no-defaults -h127.0.0.1 -P"$2" -u"$ETL_TEST_DB_USER" -e 'SELECT 1'
	)
}

# What both database servers are told: binlog as a production server has it, and no care for
# the disk, since nothing here survives the run.
run_database_options() { # TLS-DIRECTORY
	printf '%s\n' \
		--bind-address=127.0.0.1,127.0.0.2 \
		--skip-name-resolve \
		--server-id=1 \
		--log-bin=binlog \
		--binlog-format=ROW \
		--innodb-buffer-pool-size="${ETL_BUFFER_POOL:-256M}" \
		--innodb-flush-log-at-trx-commit=0 \
		--skip-innodb-doublewrite \
		--sync-binlog=0 \
		--ssl-ca="$1/ca.pem" \
		--ssl-cert="$1/server.pem" \
		--ssl-key="$1/server-key.pem"
}
