#!/usr/bin/python3
"""The fault laboratory: loads through injected faults, each compared item by item with a load that
met none. Prints what was injected, what was sent again, and what was lost or invented.

scripts/chaos starts the servers, which are its own to kill, and gives the number of deaths, that of
rows, and the command that kills MySQL and starts it again.
"""
import collections
import os
import random
import signal
import subprocess
import sys
import time

import pymysql
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../integration"))
import faulty_proxy
import harness as h
import tcp_proxy
from harness import attribute

KILLS = int(sys.argv[1])
ROWS = int(sys.argv[2])
CRASH = sys.argv[3:]
SEED = int(os.environ.get("ETL_FAULTS_SEED") or random.randrange(1 << 30))
WIDE_ROWS = 300
WIDE = {"ETL_CONTRACT": "wide.json"}
LOAD = {"ETL_CHUNK_ROWS": "100", "ETL_READERS": "3", "ETL_WORKERS": "8"}
table = []  # scenario, faults, retries, losses, lost, invented, seconds
kinds = collections.Counter()


def settings(name, url=h.URL, **more):
    return {**LOAD, "ETL_TABLE_PREFIX": "%s%s-" % (h.PREFIX, name), "ETL_STATE_DIR": name,
            "ETL_ENDPOINT_URL": url, **more}


def set_up():
    people = ",".join("(%d, %s, REPEAT('%s', %d), %d.50)" %
                      (i, "NULL" if i % 97 == 0 else "'p%d'" % (i % 400 if i % 50 == 0 else i),
                       chr(97 + i % 26), i % 300, i) for i in range(1, ROWS + 1))
    h.make_database("CREATE TABLE people (id INT PRIMARY KEY, code VARCHAR(20), "
                    "text VARCHAR(300), amount DECIMAL(12, 2));"
                    "INSERT INTO people VALUES %s;"
                    # more than queues and sockets hold: the server has to wait for its reader
                    "CREATE TABLE wide (id INT PRIMARY KEY, text MEDIUMTEXT);"
                    "INSERT INTO wide SELECT id, REPEAT(CHAR(97 + id %% 26), 60000) "
                    "FROM people WHERE id <= %d;" % (people, WIDE_ROWS))
    h.write_contract([{"table": "Wide", "type": "single-entity", "source_table": "wide",
                       "pk": "id", "sk": None, "attributes": [
                           attribute("id", "N", "wide"), attribute("text", "S", "wide")]}])
    os.rename("contract.json", "wide.json")
    h.write_contract([{"table": "People", "type": "single-entity", "source_table": "people",
                       "pk": "code", "sk": None, "attributes": [
                           attribute("code", "S", "people"), attribute("id", "N", "people"),
                           attribute("text", "S", "people"),
                           attribute("amount", "N", "people")]}])


def run_load(where):
    """A load to its end; gives its report."""
    h.etl("load", status=3, **where)
    return h.read_json(where["ETL_STATE_DIR"] + "/last-load.json")


def scenario(name, faults, report, begin_s, items="People"):
    wanted = h.items_of(items, h.PREFIX + "plain-")
    actual = h.items_of(items, "%s%s-" % (h.PREFIX, name))
    lost, invented = set(wanted) - set(actual), set(actual) - set(wanted)
    h.check(not lost and not invented and len(actual) == len(wanted), name + ": every item")
    rejects = [sorted(str(line["source_key"]) for line in h.read_lines(
        "%s/load-%s%s-%s.rejects" % (which, h.PREFIX, which, items))) for which in ("plain", name)]
    h.expect(rejects[1], rejects[0], name + ": the rejects")
    kinds.update(faults)
    table.append((name, sum(faults.values()), report["retries"], report["losses"], len(lost),
                  len(invented), time.monotonic() - begin_s))


def weather():
    begin_s = time.monotonic()
    proxy = faulty_proxy.Proxy(h.URL, SEED, chance=0.35)
    try:
        report = run_load(settings("weather", proxy.url))
        faults = {kind: proxy.counts[kind] for kind in faulty_proxy.FAULTS}
    finally:
        proxy.close()
    for kind, n in faults.items():
        h.check(n > 0, "there was a fault '%s'" % kind)
    scenario("weather", faults, report, begin_s)


def deaths():
    begin_s = time.monotonic()
    proxy = faulty_proxy.Proxy(h.URL, SEED + 1, chance=0.05, delay_s=0.02)
    where, luck, killed = settings("deaths", proxy.url), random.Random(SEED + 2), 0
    try:
        while killed < KILLS:
            process = h.start("load", **where)
            try:
                process.communicate(timeout=luck.uniform(0.05, 0.7))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
            killed += process.returncode == -signal.SIGKILL
            h.check(process.returncode in (-signal.SIGKILL, 3), "status %d" % process.returncode)
        proxy.delay_s = 0
        report = run_load(where)
    finally:
        proxy.close()
    faults = {"kill -9": killed}
    faults.update({kind: proxy.counts[kind] for kind in faulty_proxy.FAULTS})
    scenario("deaths", faults, report, begin_s)


def under_way(where, proxy, name):
    """A load with two units done."""
    proxy.delay_s = 0.05
    process = h.start("load", **where)
    path = "%s/load-%s%s-People.journal" % (name, h.PREFIX, name)
    while process.poll() is None:
        if os.path.exists(path):
            with open(path, "rb") as journal:
                if journal.read().count(b" done ") >= 2:
                    break
        time.sleep(0.01)
    h.check(process.poll() is None, name + ": the load is under way")
    return process


def away(name, fault, breaks):
    """MySQL is broken while the load is under way; it goes on by itself."""
    begin_s = time.monotonic()
    proxy = faulty_proxy.Proxy(h.URL, SEED + 3)
    way = tcp_proxy.TcpProxy(os.environ["ETL_DB_HOST"], os.environ["ETL_DB_PORT"])
    where = settings(name, proxy.url, ETL_MYSQL_HOST="127.0.0.1", ETL_MYSQL_PORT=str(way.port))
    try:
        process = under_way(where, proxy, name)
        n = breaks(way)
        proxy.delay_s = 0
        h.finish(process, 3, name)
        report = h.read_json(name + "/last-load.json")
        h.check(report["losses"] >= 1, "%s: the source was lost" % name)
        scenario(name, {fault: n}, report, begin_s)
    finally:
        way.close()
        proxy.close()


def cut_off(way):
    way.shut()
    n = way.cut()
    time.sleep(1.5)
    way.open()
    return n


def kill_server(_):
    """SIGKILL, and the same server again."""
    subprocess.run(CRASH, check=True, stdout=subprocess.DEVNULL)
    return 1


def connect():
    return pymysql.connect(host=os.environ["ETL_DB_HOST"], port=int(os.environ["ETL_DB_PORT"]),
                           user=os.environ["ETL_DB_USER"], password=os.environ["MYSQL_PWD"],
                           database=h.DB, autocommit=True)


def harassed():
    """Somebody ends queries and connections all the time, of a load that reads and of one that ends."""
    begin_s, luck, faults = time.monotonic(), random.Random(SEED + 4), collections.Counter()
    proxy = faulty_proxy.Proxy(h.URL, SEED + 5, delay_s=0.02)
    where = settings("harassed", proxy.url)
    process = h.start("load", **where)
    try:
        with connect() as other:
            cursor = other.cursor()
            while sum(faults.values()) < KILLS:
                time.sleep(luck.uniform(0, 0.3))
                if process.poll() is not None:
                    # lost too often in a row, or done: never anything between
                    h.finish(process, 1 if process.returncode == 1 else 3, "a harassed load")
                    process = h.start("load", *(["--restart"] if process.returncode == 3 else []),
                                      **where)
                cursor.execute("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = %s AND "
                               "ID <> CONNECTION_ID() ORDER BY ID", (h.DB,))
                ids = [row[0] for row in cursor.fetchall()]
                if not ids:
                    continue
                kind = luck.choice(("KILL QUERY", "KILL CONNECTION"))
                try:
                    cursor.execute("%s %d" % (kind, luck.choice(ids)))
                    faults[kind] += 1
                except pymysql.err.OperationalError as error:
                    if error.args[0] != 1094:  # it has just ended by itself
                        raise
        proxy.delay_s = 0
        process.communicate(timeout=300)
        if process.returncode != 3:
            h.expect(process.returncode, 1, "status of a load that was harassed to its end")
            run_load(where)
        report = h.read_json("harassed/last-load.json")
    finally:
        proxy.close()
    scenario("harassed", dict(faults), report, begin_s)


HOSTILE = {"wait_timeout": 2, "interactive_timeout": 2, "net_write_timeout": 1,
           "net_read_timeout": 1, "lock_wait_timeout": 1, "innodb_lock_wait_timeout": 1,
           "max_execution_time" if h.SERVER == "mysql" else "max_statement_time": 1}


def impatient():
    """The server's limits of time are short, the target is away for longer than any of them."""
    begin_s = time.monotonic()
    proxy = faulty_proxy.Proxy(h.URL, SEED + 6)
    where = settings("impatient", proxy.url, ETL_CHUNK_ROWS=str(ROWS), ETL_READERS="1",
                     **WIDE)
    before = h.run_sql("SELECT " + ", ".join("@@GLOBAL." + name for name in HOSTILE))[0].split("\t")
    try:
        h.run_sql("SET " + ", ".join("GLOBAL %s = %d" % limit for limit in HOSTILE.items()))
        proxy.delay_s = 4
        process = h.start("load", **where)
        time.sleep(10)
        h.check(process.poll() is None, "impatient: the load is under way")
        proxy.delay_s = 0
        h.finish(process, 0, "impatient")
    finally:
        h.run_sql("SET " + ", ".join("GLOBAL %s = %s" % limit for limit in zip(HOSTILE, before)))
        proxy.close()
    report = h.read_json("impatient/last-load.json")
    scenario("impatient", {"limits of a second or two": len(HOSTILE)}, report, begin_s, "Wide")
    h.expect(report["losses"], 0, "impatient: nothing was lost of the source")


def print_table():
    print("\n%-28s %6s" % ("fault", "times"))
    for kind, n in sorted(kinds.items()):
        print("%-28s %6d" % (kind, n))
    print("\n%-12s %8s %8s %8s %6s %9s %8s" %
          ("scenario", "faults", "retries", "losses", "lost", "invented", "seconds"))
    for row in table:
        print("%-12s %8d %8d %8d %6d %9d %8.1f" % row)
    print("%-12s %8d %8d %8d %6d %9d %8.1f" % (
        "all", *(sum(row[i] for row in table) for i in range(1, 7))))


if __name__ == "__main__":
    print("%s, seed %d" % (h.SERVER, SEED))
    names = ["plain", "weather", "deaths", "cut", "killed", "harassed"]
    set_up()
    try:
        for load in names:
            h.etl("create-tables", **settings(load))
        for load in ("plain", "impatient"):
            h.etl("create-tables", **settings(load, **WIDE))
        h.etl("load", **settings("plain", **WIDE))
        run_load(settings("plain"))
        weather()
        away("cut", "connections cut, server away", cut_off)
        away("killed", "SIGKILL of the server", kill_server)
        harassed()
        impatient()
        deaths()
        print_table()
    finally:
        h.tear_down("People", "Wide",
                    prefixes=["%s%s-" % (h.PREFIX, load) for load in names + ["impatient"]])
    h.end()
