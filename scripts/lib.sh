# Shared by everything under scripts/. Source it, do not run it:
#
#   . "$(dirname "$0")/lib.sh"
#
# Gives words for messages, root, packages and child processes, and one file under lib/ for
# each outside thing: lib/mariadb.sh, lib/mysql.sh, lib/dynamodb.sh. Every function either does
# what it says or ends the script with a message: nothing here is skipped quietly.
# shellcheck shell=bash

set -eu -o pipefail

ETL_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Downloads that outlive a run: DynamoDB Local and the root of MySQL.
ETL_CACHE=${ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/etl}

# ---- messages ------------------------------------------------------------------------------

say() { printf '%s\n' "$*"; }
warn() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { warn "$@"; exit 1; }

# Runs a command silently; on failure shows the last lines of what it said and passes it on.
quietly() {
	local log rc=0
	log=$(mktemp)
	"$@" >"$log" 2>&1 </dev/null || rc=$?
	[ $rc = 0 ] || tail -n 60 "$log" >&2
	rm -f "$log"
	return $rc
}

# ---- root ----------------------------------------------------------------------------------

am_root() { [ "$(id -u)" = 0 ]; }

# Database servers refuse to run as root, so root lends them the account 'nobody'; their data
# directories belong to it. An ordinary user runs them as himself.
if am_root; then
	AS_ROOT=()
	AS_SERVER_USER=(setpriv --reuid=65534 --regid=65534 --clear-groups)
else
	AS_ROOT=(sudo)
	AS_SERVER_USER=()
fi

as_root() {
	am_root || command -v sudo >/dev/null || die "'$1' needs root, and there is no sudo"
	"${AS_ROOT[@]}" "$@"
}

# For scripts whose steps run in the background, where sudo could not ask for a password.
ask_for_root_now() {
	am_root || ! command -v sudo >/dev/null || sudo -v || true
}

as_myself() { "$@"; }

own_by_server_user() {
	! am_root || chown -R 65534:65534 "$@"
}

# ---- packages ------------------------------------------------------------------------------

package_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# A bare root directory has no pseudo-terminals, which tests of what a terminal shows open.
need_pseudo_terminals() {
	python3 -c 'import os; os.openpty()' 2>/dev/null && return
	as_root mkdir -p /dev/pts
	as_root mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
	python3 -c 'import os; os.openpty()' || die "this machine gives no pseudo-terminals"
}

# need_packages PACKAGE...: installs those that are missing. Only packages without a system
# service are ever named here (mariadb-server-core, not mariadb-server), so that a developer's
# machine never finds a server running that it did not ask for.
need_packages() {
	local package missing=()
	for package in "$@"; do
		package_installed "$package" || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	command -v apt-get >/dev/null ||
		die "packages missing and no apt-get to install them: ${missing[*]}"
	say "installing ${missing[*]}"
	quietly as_root apt-get -q update ||
		die "apt-get update failed"
	quietly as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -y --no-install-recommends install "${missing[@]}" ||
		die "apt-get install failed"
}

# need_command COMMAND PACKAGE: for what may well be there from another source than Debian.
need_command() {
	command -v "$1" >/dev/null || need_packages "$2"
}

need_build_packages() {
	need_packages gcc libc6-dev make libcurl4-openssl-dev libssl-dev libjansson-dev \
		zlib1g-dev check
	need_command pkg-config pkgconf
	command -v mariadb_config >/dev/null || need_packages default-libmysqlclient-dev
}

# ---- child processes -----------------------------------------------------------------------
#
# A server is a session of its own (setsid), so a Ctrl-C on the terminal does not reach it and
# stopping it reaches all of it. Its process id is kept with its start time in NAME.pid in the
# run directory: an id that has meanwhile been given to someone else is never signalled.

# start time of a process in clock ticks since boot: field 22 of /proc/PID/stat, counted after
# the command name, which may hold blanks
process_start_ticks() {
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	stat=${stat##*) }
	# shellcheck disable=SC2086
	set -- $stat
	[ "$1" != Z ] || return 1
	printf '%s\n' "${20}"
}

spawn() { spawn_by as_myself "$@"; } # RUN NAME COMMAND...
spawn_as_root() { spawn_by as_root "$@"; }

# sudo is over before the server runs in a session without a terminal, where it could not ask;
# and no interrupt comes between the start and the note of it (the server does not inherit that).
# NAME.again says all of it, for spawn_again.
spawn_by() { # as_myself|as_root RUN NAME COMMAND...
	local as=$1 run=$2 name=$3
	shift 3
	printf '%q ' "$as" "$run" "$name" "$@" >"$run/$name.again"
	(
		trap : INT TERM
		# shellcheck disable=SC2016
		pid=$("$as" bash -c 'trap : INT TERM; setsid "$@" </dev/null >"$0" 2>&1 & echo $!' \
			"$run/$name.log" "$@")
		printf '%s %s\n' "$pid" "$(process_start_ticks "$pid" || echo 0)" >"$run/$name.pid"
	)
}

is_running() { # RUN NAME
	local pid ticks
	[ -f "$1/$2.pid" ] || return 1
	read -r pid ticks <"$1/$2.pid"
	[ "$(process_start_ticks "$pid")" = "$ticks" ]
}

# Asks a server to end, waits, and in the end insists. Signals as root, because MySQL was
# started through it.
stop_spawned() { # RUN NAME
	local run=$1 name=$2 pid ticks tries signal
	for signal in TERM KILL; do
		is_running "$run" "$name" || break
		read -r pid ticks <"$run/$name.pid"
		signal_session "$signal" "$pid"
		for ((tries = 0; tries < 150; tries++)); do
			is_running "$run" "$name" || break
			sleep 0.1
		done
	done
	if is_running "$run" "$name"; then
		warn "cannot stop $name, process $pid"
		return
	fi
	rm -f "$run/$name.pid" "$run/$name.again"
}

# Kills a server as a loss of power would.
kill_spawned() { # RUN NAME
	local run=$1 name=$2 pid ticks
	is_running "$run" "$name" || die "$name does not run"
	read -r pid ticks <"$run/$name.pid"
	signal_session KILL "$pid"
	while is_running "$run" "$name"; do sleep 0.05; done
}

# Starts a server that ended, on what it left.
spawn_again() { # RUN NAME
	eval "spawn_by $(cat "$1/$2.again")"
}

signal_session() { # SIGNAL PID
	if kill -0 "$2" 2>/dev/null; then
		kill "-$1" -- "-$2" 2>/dev/null || true
	else
		# the shell's own kill: a small system has no other
		# shellcheck disable=SC2016
		as_root bash -c 'kill "-$0" -- "-$1"' "$1" "$2" 2>/dev/null || true
	fi
}

# wait_ready RUN NAME SECONDS CHECK...: until CHECK succeeds. A server that ends before that, or
# takes longer, is shown with the end of its log.
wait_ready() {
	local run=$1 name=$2 limit_s=$3 end_s
	shift 3
	end_s=$((SECONDS + limit_s))
	until "$@" >/dev/null 2>&1; do
		if ! is_running "$run" "$name"; then
			tail -n 25 "$run/$name.log" >&2
			die "$name ended before it was ready; its log is above"
		fi
		if [ $SECONDS -ge $end_s ]; then
			tail -n 25 "$run/$name.log" >&2
			die "$name was not ready after $limit_s s; its log is above"
		fi
		sleep 0.2
	done
}

# A loopback port that nobody listens on, below the range that the kernel hands out itself.
free_port() {
	local port tries
	for ((tries = 0; tries < 100; tries++)); do
		port=$((20000 + RANDOM % 12000))
		if ! (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
			printf '%s\n' "$port"
			return
		fi
	done
	die "no free port on 127.0.0.1"
}

. "$ETL_TOP/scripts/lib/run.sh"
. "$ETL_TOP/scripts/lib/mariadb.sh"
. "$ETL_TOP/scripts/lib/mysql.sh"
. "$ETL_TOP/scripts/lib/dynamodb.sh"
