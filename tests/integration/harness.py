"""What the integration tests in Python share: SQL, DynamoDB, runs of the program, and a tally."""
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

ETL, DB, URL = os.environ["ETL"], os.environ["ETL_DB"], os.environ["ETL_DYNAMODB_URL"]
SERVER = os.environ["ETL_DB_SERVER"]
PREFIX = DB + "-"
SETTINGS = {**os.environ, "ETL_MYSQL_HOST": os.environ["ETL_DB_HOST"],
            "ETL_MYSQL_PORT": os.environ["ETL_DB_PORT"],
            "ETL_MYSQL_USER": os.environ["ETL_DB_USER"], "ETL_MYSQL_DATABASE": DB,
            "ETL_ENDPOINT_URL": URL, "ETL_TABLE_PREFIX": PREFIX, "ETL_STATE_DIR": "state",
            "ETL_CONTRACT": "contract.json", "ETL_PROGRESS": "none"}
failures = []


def check(good, what):
    print(("ok: " if good else "FAIL: ") + what, flush=True)
    if not good:
        failures.append(what)
    return good


def expect(actual, expected, what):
    return check(actual == expected,
                 what if actual == expected else
                 "%s:\n  expected %s\n  actual   %s" % (what, expected, actual))


def run_sql(statements, database=DB):
    """Runs statements; gives the lines of what they select."""
    done = subprocess.run(["mariadb", "--no-defaults", "--batch", "--skip-column-names",
                           "--default-character-set=utf8mb4", "-h" + os.environ["ETL_DB_HOST"],
                           "-P" + os.environ["ETL_DB_PORT"], "-u" + os.environ["ETL_DB_USER"],
                           database], check=True, input=statements.encode(),
                          stdout=subprocess.PIPE)
    return done.stdout.decode().splitlines()


def make_database(statements):
    run_sql("DROP DATABASE IF EXISTS %s; CREATE DATABASE %s CHARACTER SET utf8mb4;" % (DB, DB), "")
    run_sql(statements)


def dynamodb(operation, **request):
    headers = {"X-Amz-Target": "DynamoDB_20120810." + operation,
               "Content-Type": "application/x-amz-json-1.0",
               "Authorization": "AWS4-HMAC-SHA256 Credential=test/20240101/us-east-1/dynamodb/"
                                "aws4_request, SignedHeaders=host, Signature=0"}
    call = urllib.request.Request(URL, json.dumps(request).encode(), headers)
    with urllib.request.urlopen(call, timeout=60) as answer:
        return json.load(answer)


def items_of(table, prefix=PREFIX):
    """Every item of a table, as sorted JSON texts."""
    items, start = [], {}
    while True:
        page = dynamodb("Scan", TableName=prefix + table, ConsistentRead=True, **start)
        items += [json.dumps(item, sort_keys=True) for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            return sorted(items)
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def start(*arguments, **settings):
    return subprocess.Popen([ETL, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env={**SETTINGS, **settings}, text=True)


def finish(process, status, what):
    """Waits for a run that must end with 'status'; gives stdout and stderr."""
    out, messages = process.communicate(timeout=300)
    check(process.returncode == status,
          "%s: status %d" % (what, status) if process.returncode == status else
          "%s: status %d, expected %d\n%s%s" % (what, process.returncode, status, out, messages))
    return out, messages


def etl(*arguments, status=0, **settings):
    return finish(start(*arguments, **settings), status, "etl " + " ".join(arguments))


def read_lines(path):
    """A file of JSON lines; nothing where there is no file."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write_contract(tables):
    with open("contract.json", "w", encoding="utf-8") as file:
        json.dump({"tables": tables}, file, indent=1)


def attribute(name, kind, table, column=None, **more):
    return {"name": name, "type": kind, "source_table": table, "source_column": column or name,
            **more}


def tear_down(*tables, prefixes=(PREFIX,)):
    run_sql("DROP DATABASE IF EXISTS %s" % DB, "")
    for table in tables:
        for prefix in prefixes:
            try:
                dynamodb("DeleteTable", TableName=prefix + table)
            except urllib.error.HTTPError:
                pass  # it was never made


def end():
    print("%d failed" % len(failures))
    for failure in failures:
        print("FAIL: " + failure)
    sys.exit(bool(failures))
