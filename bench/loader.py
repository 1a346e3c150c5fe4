#!/usr/bin/python3
"""The peer that etl is measured against: a loader as one writes it in Python with boto3.

    loader.py --socket S --user U --database D --endpoint URL [--one-by-one] [--limit N]

Reads bench_union_view (union_view.sql) as a stream. As a rule 8 threads write batches of 25;
with --one-by-one each item is a put of its own, as the workshop's script does. The password of
the database is taken from MYSQL_PWD. Prints the number of items.
"""
import argparse
import json
import os
import queue
import threading
from decimal import Decimal

import boto3
import pymysql
import pymysql.cursors
from boto3.dynamodb.types import TypeSerializer
from botocore.config import Config

THREADS = 8
BATCH = 25
serialize = TypeSerializer().serialize


def item_of(row):
    item = {name: value for name, value in row.items() if value is not None}
    if "profile_data" in item:
        item["profile_data"] = json.loads(item["profile_data"], parse_float=Decimal)
    if "is_seller" in item:
        item["is_seller"] = bool(int(item["is_seller"]))
    return {name: serialize(value) for name, value in item.items()}


def rows_of(options):
    connection = pymysql.connect(unix_socket=options.socket, user=options.user,
                                 password=os.environ.get("MYSQL_PWD", ""),
                                 database=options.database, charset="utf8mb4",
                                 cursorclass=pymysql.cursors.SSDictCursor)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET time_zone = '+00:00', group_concat_max_len = 1073741824")
        cursor.execute("SELECT * FROM bench_union_view" +
                       (" LIMIT %d" % options.limit if options.limit else ""))
        yield from cursor


def client_of(options):
    session = boto3.session.Session(aws_access_key_id="bench", aws_secret_access_key="bench",
                                    region_name="us-east-1")
    return session.client("dynamodb", endpoint_url=options.endpoint,
                          config=Config(max_pool_connections=THREADS, proxies={}))


def write_batches(client, batches, table):
    while True:
        batch = batches.get()
        if batch is None:
            return
        request = {table: [{"PutRequest": {"Item": item}} for item in batch]}
        while request:
            request = client.batch_write_item(RequestItems=request).get("UnprocessedItems")


def load_in_batches(options, client):
    batches = queue.Queue(2 * THREADS)
    threads = [threading.Thread(target=write_batches, args=(client, batches, options.table))
               for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    items, batch = 0, []
    for row in rows_of(options):
        batch.append(item_of(row))
        items += 1
        if len(batch) == BATCH:
            batches.put(batch)
            batch = []
    if batch:
        batches.put(batch)
    for _ in threads:
        batches.put(None)
    for thread in threads:
        thread.join()
    return items


def load_one_by_one(options, client):
    items = 0
    for row in rows_of(options):
        client.put_item(TableName=options.table, Item=item_of(row))
        items += 1
    return items


def main():
    parser = argparse.ArgumentParser()
    for name in ("socket", "user", "database", "endpoint"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--table", default="Users")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--one-by-one", action="store_true")
    options = parser.parse_args()
    client = client_of(options)
    print((load_one_by_one if options.one_by_one else load_in_batches)(options, client))


main()
