"""Whole tables, read row by row with plain SELECTs, as lists of {column: Value}."""
import functools
import re
from decimal import Decimal

import pymysql

from values import Value, order_compare, parse_time_text


class Table:
    def __init__(self, name):
        self.name, self.columns, self.types = name, [], {}
        self.primary, self.foreign, self.rows = [], [], []

    def column(self, name):
        for c in self.columns:
            if c.lower() == name.lower():
                return c
        return None


def connect(server, database, env):
    kind = server.upper()
    return pymysql.connect(
        host=env['ETL_TEST_%s_HOST' % kind], port=int(env['ETL_TEST_%s_PORT' % kind]),
        user=env['ETL_TEST_DB_USER'], password=env['ETL_TEST_DB_PASSWORD'], database=database,
        charset='utf8mb4', conv={}, autocommit=True,
        init_command="SET time_zone='+00:00', sql_mode=''")


def quoted(name):
    return '`' + name.replace('`', '``') + '`'


def fetch(connection, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def literal(s):
    return "'" + s.replace('\\', '\\\\').replace("'", "''") + "'"


class Column:
    def __init__(self, data_type, full, scale, fsp, charset, collation, is_json):
        self.data_type, self.full, self.scale, self.fsp = data_type, full, scale, fsp
        self.charset, self.collation, self.is_json = charset, collation, is_json


def read_catalogue(connection, database, name):
    t = Table(name)
    where = 'TABLE_SCHEMA=%s AND TABLE_NAME=%s' % (literal(database), literal(name))
    checks = ()
    version = fetch(connection, 'SELECT VERSION()')[0][0]
    if 'MariaDB' in version:
        checks = [r[0] for r in fetch(
            connection, 'SELECT CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS WHERE '
            'CONSTRAINT_SCHEMA=%s AND TABLE_NAME=%s' % (literal(database), literal(name)))]
    for row in fetch(connection, 'SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, NUMERIC_SCALE, '
                     'DATETIME_PRECISION, CHARACTER_SET_NAME, COLLATION_NAME FROM '
                     'information_schema.COLUMNS WHERE %s ORDER BY ORDINAL_POSITION' % where):
        column, data_type, full, scale, fsp, charset, collation = [
            x.decode() if isinstance(x, bytes) else x for x in row]
        is_json = data_type == 'json' or any(
            c.lower().replace(' ', '') == ('json_valid(%s)' % quoted(column)).lower().replace(' ', '')
            for c in checks)
        t.columns.append(column)
        t.types[column] = Column(data_type, full, int(scale or 0), int(fsp or 0), charset, collation,
                                 is_json)
    if not t.columns:
        raise KeyError(name)
    for column, constraint, other_table, other in fetch(
            connection, 'SELECT COLUMN_NAME, CONSTRAINT_NAME, REFERENCED_TABLE_NAME, '
            'REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE %s '
            'ORDER BY ORDINAL_POSITION' % where):
        if constraint == 'PRIMARY':
            t.primary.append(column)
        elif other_table:
            t.foreign.append((column, other_table, other))
    return t


def selects(column, c):
    """The expressions that give the column's raw value."""
    q = quoted(column)
    if c.data_type in ('float', 'double'):
        return [q + '*1e0']
    if c.data_type in ('enum', 'set'):
        return [q, 'CAST(%s AS UNSIGNED)' % q, 'CAST(%s AS BINARY)' % q]
    if c.data_type == 'bit':
        return [q + '+0']
    if c.data_type in SPATIAL:
        return ['ST_AsText(%s)' % q, 'CAST(%s AS BINARY)' % q]
    if (c.charset and not c.is_json) or c.data_type in ADDRESSES:
        return [q, 'CAST(%s AS BINARY)' % q]
    return ['CAST(%s AS BINARY)' % q if c.data_type in BINARY else q]


BINARY = ('binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob', 'vector')
ADDRESSES = ('uuid', 'inet4', 'inet6')
SPATIAL = ('geometry', 'point', 'linestring', 'polygon', 'multipoint', 'multilinestring',
           'multipolygon', 'geometrycollection', 'geomcollection')


def standard_points(wkt):
    """MULTIPOINT(1 2,3 4), as MariaDB has it, with each point in parentheses."""
    return re.sub(r'MULTIPOINT\(([^()]+)\)', lambda m: 'MULTIPOINT(%s)' % ','.join(
        '(%s)' % point for point in m[1].split(',')), wkt)


def digits_of(s):
    return tuple(int(x) for x in re.findall(r'\d+', s))


def make(c, got):
    x = got[0]
    if x is None:
        return None
    kind = c.data_type
    if isinstance(x, bytes) and kind not in BINARY:
        x = x.decode()
    if kind in ('tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year'):
        text = x if 'zerofill' in c.full else None
        return Value('dec', Decimal(x), text=text)
    if kind in ('float', 'double'):
        return Value('float', float(x), single=kind == 'float')
    if kind == 'bit':
        return Value('bit', int(x), bits=int(re.search(r'\d+', c.full)[0]))
    if kind == 'date':
        return Value('date', digits_of(x))
    if kind in ('datetime', 'timestamp'):
        d = digits_of(x)
        micro = int(x.split('.')[1].ljust(6, '0')) if '.' in x else 0
        return Value('datetime', d[:6] + (micro,), fsp=c.fsp, utc=kind == 'timestamp')
    if kind == 'time':
        return Value('time', parse_time_text(x), fsp=c.fsp)
    if c.is_json:
        return Value('json', x, collation=c.collation)
    if kind in SPATIAL:
        return Value('spatial', standard_points(x), raw=got[1])
    if kind in ('enum', 'set'):
        return Value('text', x, collation=c.collation, index=int(got[1]), is_set=kind == 'set',
                     raw=got[2])
    if c.charset or kind in ADDRESSES:
        return Value('text', x, collation=c.collation, raw=got[1])
    return Value('bin' if kind in BINARY else 'text', x)


def sort_by(rows, terms):
    """terms: (function of a row giving a Value, descending)"""
    def both(a, b):
        for of, descending in terms:
            r = order_compare(of(a), of(b))
            if r:
                return -r if descending else r
        return 0
    return sorted(rows, key=functools.cmp_to_key(both))


class Source:
    def __init__(self, connection, database):
        self.connection, self.database, self.tables = connection, database, {}

    def table(self, name):
        if name not in self.tables:
            t = read_catalogue(self.connection, self.database, name)
            expressions, widths = [], []
            for c in t.columns:
                s = selects(c, t.types[c])
                expressions += s
                widths.append(len(s))
            for raw in fetch(self.connection, 'SELECT %s FROM %s' %
                             (', '.join(expressions), quoted(name))):
                row, at = {}, 0
                for c, width in zip(t.columns, widths):
                    row[c] = make(t.types[c], raw[at:at + width])
                    at += width
                t.rows.append(row)
            t.rows = sort_by(t.rows, [(lambda r, c=c: r[c], False) for c in t.primary])
            self.tables[name] = t
        return self.tables[name]
