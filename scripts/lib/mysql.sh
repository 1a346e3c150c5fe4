# MySQL 9.x, which Debian 12 does not have. Debian's unstable branch has: a root of that branch
# is made once by debootstrap into the cache (a minute, 1.2 GB) and holds the server and what it
# takes to build etl against MySQL's own client library. Nothing is mounted in it, so that
# nothing has to be unmounted; servers run in it by chroot as 'nobody', each with a data
# directory of its own under /srv.
# shellcheck shell=bash

MYSQL_SUITE=sid
MYSQL_ROOT=$ETL_CACHE/mysql-root
MYSQL_PACKAGES=(mysql-server-core mysql-client-core libmysqlclient-dev gcc libc6-dev make
	pkgconf libcurl4-openssl-dev libssl-dev libjansson-dev zlib1g-dev)

mysql_chroot() { as_root env LC_ALL=C chroot "$MYSQL_ROOT" "$@"; }

MYSQL_AS_NOBODY=(env LC_ALL=C chroot --userspec=65534:65534 "$MYSQL_ROOT")

# The mirror that this machine itself installs from, with the settings of its apt.
mysql_mirror() {
	local codename
	codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk -v release="$codename" '$2 == release && $3 == "main" && !n++ { print $1 }'
}

# What an interrupted start left: debootstrap mounts /proc while it works.
mysql_discard_half_root() {
	local mounted
	awk -v root="$MYSQL_ROOT.new/" 'index($2, root) == 1 { print $2 }' /proc/mounts | sort -r |
		while read -r mounted; do as_root umount -l "$mounted"; done
	as_root rm -rf --one-file-system "$MYSQL_ROOT.new"
}

mysql_make_root() {
	mkdir -p "$ETL_CACHE"
	(
		flock 9
		[ ! -d "$MYSQL_ROOT" ] || exit 0
		mirror=$(mysql_mirror)
		[ -n "$mirror" ] || die "cannot tell the Debian mirror from apt's sources"
		say "making a root with MySQL from Debian $MYSQL_SUITE in $MYSQL_ROOT (a minute or two)"
		mysql_discard_half_root
		quietly as_root debootstrap --variant=minbase --include=ca-certificates \
			"$MYSQL_SUITE" "$MYSQL_ROOT.new" "$mirror" </dev/null ||
			die "debootstrap of '$MYSQL_SUITE' failed"
		quietly as_root cp -L /etc/resolv.conf "$MYSQL_ROOT.new/etc/resolv.conf" || true
		quietly as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
			chroot "$MYSQL_ROOT.new" apt-get -q -y --no-install-recommends \
			install "${MYSQL_PACKAGES[@]}" ||
			die "cannot install MySQL in '$MYSQL_ROOT.new'"
		as_root rm -rf "$MYSQL_ROOT.new/var/cache/apt/archives"
		as_root mv -T "$MYSQL_ROOT.new" "$MYSQL_ROOT"
	) 9>"$ETL_CACHE/mysql-root.lock" || exit 1
}

mysql_start() { # RUN
	local run=$1 home port options data
	need_packages debootstrap mariadb-client-core
	mysql_make_root
	run_open "$run"
	if is_running "$run" mysql; then
		say "mysql is running already"
		return
	fi
	mysql_remove_data "$run" # of a start that failed
	data=$(run_data "$run")
	home=/srv/${data##*/}
	port=$(free_port)
	say "starting mysql on port $port"
	printf '%s\n' "$home" >"$run/mysql-data"
	as_root mkdir "$MYSQL_ROOT$home"
	as_root cp -r "$data/tls" "$MYSQL_ROOT$home/tls"
	run_account_sql "$run" | as_root tee "$MYSQL_ROOT$home/account.sql" >/dev/null
	as_root chmod 600 "$MYSQL_ROOT$home/account.sql"
	mysql_chroot chown -R 65534:65534 "$home"
	quietly as_root "${MYSQL_AS_NOBODY[@]}" mysqld --no-defaults --initialize-insecure \
		--datadir="$home/data" ||
		die "mysqld could not make its data directory"
	mapfile -t options < <(run_database_options "$home/tls")
	spawn_as_root "$run" mysql "${MYSQL_AS_NOBODY[@]}" mysqld --no-defaults --datadir="$home/data" \
		--socket="$home/mysql.sock" --pid-file="$home/pid" --port="$port" --mysqlx=OFF \
		--secure-file-priv= --gtid-mode=ON --enforce-gtid-consistency=ON \
		--init-file="$home/account.sql" "${options[@]}"
	wait_ready "$run" mysql 120 run_logged_in "$run" "$port"
	ln -sf "$MYSQL_ROOT$home/mysql.sock" "$data/mysql.sock"
	run_add "$run" ETL_TEST_MYSQL_HOST 127.0.0.1 ETL_TEST_MYSQL_PORT "$port" \
		ETL_TEST_MYSQL_SOCKET "$data/mysql.sock"
}

# SIGKILL, and the same server on the same port again. While nobody has waited for the dead process,
# MySQL takes it for the owner of its socket.
mysql_crash() { # RUN
	kill_spawned "$1" mysql
	as_root rm -f "$MYSQL_ROOT$(cat "$1/mysql-data")/mysql.sock.lock"
	spawn_again "$1" mysql
	wait_ready "$1" mysql 120 run_logged_in "$1" "$(. "$1/env" && echo "$ETL_TEST_MYSQL_PORT")"
}

mysql_remove_data() { # RUN
	local home
	[ -f "$1/mysql-data" ] || return 0
	home=$(cat "$1/mysql-data")
	case $home in
	/srv/etl-??????) as_root rm -rf --one-file-system "${MYSQL_ROOT:?}$home" ;;
	*) die "'$1/mysql-data' names '$home', which is no data directory of ours" ;;
	esac
	rm -f "$1/mysql-data"
}

# Builds etl inside the root, where MySQL's own client library is the only one, and starts it.
# The copy of the sources stays there for the next time; each project directory has its own.
mysql_build_etl() {
	local home
	home=/srv/build-$(printf '%s' "$ETL_TOP" | cksum | cut -d ' ' -f 1)
	as_root mkdir -p "$MYSQL_ROOT$home"
	as_root rm -rf "$MYSQL_ROOT$home/src"
	tar -C "$ETL_TOP" -c Makefile VERSION src | as_root tar -C "$MYSQL_ROOT$home" -x --no-same-owner
	quietly mysql_chroot make -C "$home" -j"$(nproc)" BUILD=build OPTIMISE=-O0 ||
		die "etl does not build against MySQL's client library"
	mysql_chroot "$home/build/etl" --version
	mysql_chroot ldd "$home/build/etl" | grep libmysqlclient ||
		die "etl was not linked with MySQL's client library"
}
