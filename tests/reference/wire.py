"""Runs the program, and reads what it left: items by Scan over plain HTTP, rejects from its file."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request

import encode

REGION = 'us-east-1'


def call(url, access_key, operation, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {
        'Content-Type': 'application/x-amz-json-1.0',
        'X-Amz-Target': 'DynamoDB_20120810.' + operation,
        'X-Amz-Date': '20260101T000000Z',
        'Authorization': 'AWS4-HMAC-SHA256 Credential=%s/20260101/%s/dynamodb/aws4_request, '
                         'SignedHeaders=host;x-amz-date, Signature=%064d' % (access_key, REGION, 0)})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def scan(url, access_key, table, index=None):
    items, start = [], None
    while True:
        body = {'TableName': table, 'ConsistentRead': not index}
        if index:
            body['IndexName'] = index
        if start:
            body['ExclusiveStartKey'] = start
        got = call(url, access_key, 'Scan', body)
        items += got['Items']
        start = got.get('LastEvaluatedKey')
        if not start:
            return [{k: encode.normal(v) for k, v in i.items()} for i in items]


def index_names(contract_file):
    """{table: [names of its indexes]}"""
    with open(contract_file, encoding='utf-8') as f:
        contract = json.load(f)
    tables = contract['tables'] if isinstance(contract, dict) else contract
    return {t['table']: [g['index_name'] for g in t.get('gsis') or ()] for t in tables}


def run(etl, contract_file, server, database, tables, command='run'):
    """{status, stderr, stdout, items: {table: [...]}, indexes: {(table, index): [...]}, rejects: [...]};
    removes its tables."""
    env = dict(os.environ, AWS_ACCESS_KEY_ID='reference', AWS_SECRET_ACCESS_KEY='secret',
               MYSQL_PWD=os.environ['ETL_TEST_DB_PASSWORD'])
    url = env['ETL_TEST_DYNAMODB_URL']
    kind = server.upper()
    state = tempfile.mkdtemp(prefix='etl-reference-')
    prefix = 'ref%s-' % re.sub(r'\W', '', os.path.basename(state))
    rejects = os.path.join(state, 'rejects')
    line = [etl, command, '--contract', contract_file, '--mysql-host',
            env['ETL_TEST_%s_HOST' % kind], '--mysql-port', env['ETL_TEST_%s_PORT' % kind],
            '--mysql-user', env['ETL_TEST_DB_USER'], '--mysql-database', database,
            '--endpoint-url', url, '--region', REGION, '--table-prefix', prefix,
            '--state-dir', os.path.join(state, 'state'), '--rejects', rejects, '--progress', 'none',
            '--readers', '2', '--workers', '2', '--allow-empty']
    out = {'items': {}, 'indexes': {}, 'rejects': []}
    indexes = index_names(contract_file)
    try:
        done = subprocess.run(line, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=300)
        out['status'] = done.returncode
        out['stdout'] = done.stdout.decode('utf-8', 'replace')
        out['stderr'] = done.stderr.decode('utf-8', 'replace')
        for t in tables:
            try:
                out['items'][t] = scan(url, 'reference', prefix + t)
                for index in indexes[t]:
                    out['indexes'][t, index] = scan(url, 'reference', prefix + t, index)
                call(url, 'reference', 'DeleteTable', {'TableName': prefix + t})
            except urllib.error.HTTPError as e:
                out['items'][t] = None
                out['stderr'] += '\n[scan of %s: %s]' % (t, e.read().decode()[:200])
        if os.path.exists(rejects):
            with open(rejects, encoding='utf-8') as f:
                out['rejects'] = [json.loads(x) for x in f]
    except subprocess.TimeoutExpired as e:
        out.update(status=-1, stdout='', stderr='no end after 300 s: %r' % e.stderr)
    finally:
        shutil.rmtree(state, ignore_errors=True)
    for r in out['rejects']:
        if r['table'].startswith(prefix):
            r['table'] = r['table'][len(prefix):]
    return out
