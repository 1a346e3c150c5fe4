"""Random schemas and data: four tables in fixed roles, with random columns of every type.

  parent  single or composite primary key, a unique text 'code'
  child   refers to parent (nullable), has a group number and a second text key
  tree    refers to itself
  lookup  no primary key, a text 'code' that stands once
"""
def sql_text(s):
    return "CONVERT(X'%s' USING utf8mb4)" % s.encode('utf-8').hex() if s else "''"


def quoted(name):
    return '`' + name.replace('`', '``') + '`'


TEXTS = ['', 'a', 'plain text', 'Zoë O\'Brien', ' lead', 'trail ', 'tab\there', 'nul\0in', 'ctl\x01\x1f',
         'quote " back \\ slash /', '\U0001f600 four', 'line\r\n', 'ÄÖÜß', 'ελληνικά', '日本', 'x' * 39,
         '12.50', '-3', '0', '1', 'true', 'No', '007', '{curly}', '%d', 'null', "it''s", '\x7f', '\u2028']
LATIN = [t for t in TEXTS if all(ord(c) < 256 for c in t)]
DOCUMENTS = ['{}', '[]', '{"a": 1, "b": [1, 2, {"c": null}]}', '{"n": 12345678901234567890, "d": 12.50}',
             '[1, "two", 3.0, null, true]', '{"z": 1, "aa": 2, "b": 3}', '"text"', '17', 'null', 'true',
             '{"t": "quote \\" \\\\ \\n \\u0001 \\u00e9 \\ud83d\\ude00 \\/"}', '["x", "y", "x"]',
             '[1, 1.0, 2]', '{"e": 1e5, "neg": -0.5}', '[[[]]]', '{"k": {"k": {"k": {}}}}',
             '{"deep": ' + '[' * 30 + ']' * 30 + '}', '[' + '[' * 31 + ']' * 31 + ']',
             '{"s": ""}', '{"": 1}', '{"ключ": "значение"}', '[""]']
FLOATS = ['0', '1.1', '-0.1', '16777216', '16777217', '3.4028234e38', '1.17549e-38', '123456.789', '1e10',
          '0.3333333333', '2.5', '-7', '9999999', '1e-5', '8388609']
DOUBLES = ['0', '0.1', '-1.5', '0.3333333333333333', '1e15', '1e16', '1e20', '123456789012345678', '1e-7',
           '2.5', '9007199254740993', '1.7976931348623157e308', '2.2250738585072014e-308', '1e125',
           '1e-10', '100']
DATES = ['2024-01-31', '2024-02-29', '1000-01-01', '9999-12-31', '1969-12-31', '1970-01-01', '0000-00-00',
         '2024-00-15', '1999-12-31', '2000-03-01']
CLOCKS = ['10:20:30', '00:00:00', '23:59:59.999999', '12:00:00.5', '01:02:03.000001', '04:05:06.120000']
STAMPS = ['1970-01-01 00:00:01', '2038-01-19 03:14:07', '2024-03-31 02:30:00.123456',
          '2024-01-31 10:20:30.5', '0000-00-00 00:00:00', '2001-09-09 01:46:40.999999']
TIMES = ['-838:59:59', '838:59:59', '00:00:00', '-00:00:01.500000', '12:34:56.789012', '100:00:00.1',
         '-01:02:03']


def integers(low, high):
    return lambda r: str(r.choice([low, high, 0, 1, r.randint(max(low, -99), min(high, 99)),
                                   r.randint(low, high)]))


def decimals(precision, scale):
    def make(r):
        width = r.choice([1, 2, precision, precision - scale, r.randint(1, precision)])
        digits = ''.join(r.choice('0123456789') for _ in range(max(1, width))).rjust(scale + 1, '0')
        s = digits[:-scale] + '.' + digits[-scale:] if scale else digits
        return r.choice(['0', '-', '']) [0:1].replace('0', '') + s
    return make


def words(values):
    values = list(values)
    return lambda r: sql_text(r.choice(values))


def one(values):
    return lambda r: "'%s'" % r.choice(values)


def binary(sizes):
    def make(r):
        n = r.choice(sizes)
        b = r.choice([bytes(n), bytes(r.randrange(256) for _ in range(n)), b'ab\0'[:n], b'\xff' * n,
                      b'caf\xc3\xa9'[:n], b'text'[:n]])
        return "X'%s'" % b.hex() if b else "''"
    return make


def bits(n):
    return lambda r: "b'%s'" % bin(r.choice([0, 1, 2 ** n - 1, r.randrange(2 ** n)]))[2:]


def moments(r):
    return "'%s %s'" % (r.choice(DATES), r.choice(CLOCKS))


# name: (DDL, generator of an SQL literal, group)
TYPES = {
    'tinyint': ('TINYINT', integers(-128, 127), 'int'),
    'flag': ('TINYINT(1)', lambda r: r.choice('0011012'), 'int'),
    'utinyint': ('TINYINT UNSIGNED', integers(0, 255), 'int'),
    'smallint': ('SMALLINT', integers(-32768, 32767), 'int'),
    'mediumint': ('MEDIUMINT', integers(-8388608, 8388607), 'int'),
    'int': ('INT', integers(-2 ** 31, 2 ** 31 - 1), 'int'),
    'uint': ('INT UNSIGNED', integers(0, 2 ** 32 - 1), 'int'),
    'bigint': ('BIGINT', integers(-2 ** 63, 2 ** 63 - 1), 'int'),
    'ubigint': ('BIGINT UNSIGNED', integers(0, 2 ** 64 - 1), 'int'),
    'zerofill': ('INT(8) UNSIGNED ZEROFILL', integers(0, 99999999), 'int'),
    'zerodec': ('DECIMAL(8,2) UNSIGNED ZEROFILL', decimals(8, 2), 'dec'),
    'money': ('DECIMAL(10,2)', decimals(10, 2), 'dec'),
    'decimal5': ('DECIMAL(20,5)', decimals(20, 5), 'dec'),
    'decimal38': ('DECIMAL(38,0)', decimals(38, 0), 'dec'),
    'decimal65': ('DECIMAL(65,30)', decimals(65, 30), 'dec'),
    'float': ('FLOAT', lambda r: r.choice(FLOATS), 'float'),
    'double': ('DOUBLE', lambda r: r.choice(DOUBLES), 'float'),
    'bit1': ('BIT(1)', bits(1), 'bit'),
    'bit13': ('BIT(13)', bits(13), 'bit'),
    'bit64': ('BIT(64)', bits(64), 'bit'),
    'year': ('YEAR', lambda r: r.choice(['1901', '2155', '2024', '0']), 'int'),
    'date': ('DATE', one(DATES), 'date'),
    'time': ('TIME', one(TIMES), 'time'),
    'time3': ('TIME(3)', one(TIMES), 'time'),
    'time6': ('TIME(6)', one(TIMES), 'time'),
    'datetime': ('DATETIME', moments, 'datetime'),
    'datetime3': ('DATETIME(3)', moments, 'datetime'),
    'datetime6': ('DATETIME(6)', moments, 'datetime'),
    'timestamp': ('TIMESTAMP NULL', one(STAMPS), 'datetime'),
    'timestamp6': ('TIMESTAMP(6) NULL', one(STAMPS), 'datetime'),
    'char': ('CHAR(40) CHARACTER SET utf8mb4', words(TEXTS), 'text'),
    'varchar': ('VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci', words(TEXTS), 'text'),
    'varbin': ('VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', words(TEXTS), 'text'),
    'latin': ('VARCHAR(60) CHARACTER SET latin1', words(LATIN), 'text'),
    'text': ('TEXT CHARACTER SET utf8mb4', words(TEXTS), 'text'),
    'binary4': ('BINARY(4)', binary([0, 1, 3, 4]), 'bin'),
    'uuid': ('BINARY(16)', binary([16]), 'bin'),
    'varbinary': ('VARBINARY(20)', binary([0, 1, 5, 20]), 'bin'),
    'blob': ('BLOB', binary([0, 3, 300]), 'bin'),
    'enum': ("ENUM('red','Grün','b l u e','')", one(['red', 'Grün', 'b l u e', '']), 'enum'),
    'set': ("SET('x','y','zä','w w')", one(['', 'x', 'x,y', 'zä,w w', 'x,y,zä,w w']), 'set'),
    'json': ('JSON', words(d for d in DOCUMENTS if '[' * 30 not in d), 'json'),
    'jsontext': ('LONGTEXT CHARACTER SET utf8mb4', words(DOCUMENTS), 'jsontext'),
    'point': ('POINT', lambda r: 'POINT(%s,%s)' % (r.choice(['0', '1.5', '-7']), r.choice(['2', '0.25'])),
              'spatial'),
    'number': ('VARCHAR(30) CHARACTER SET utf8mb4', one(['12.50', '-3', '0', '1e3', '007', '+5', '.5',
                                                        '99999999999999999999', '1.0']), 'numtext'),
    'bool': ('VARCHAR(5) CHARACTER SET utf8mb4', one(['true', 'FALSE', 'Yes', 'n', 't', 'F', '1', '0']),
             'booltext'),
    'csv': ('VARCHAR(40) CHARACTER SET utf8mb4', one(['a,b', 'b,a,b', 'x', 'ä, b', '1,2']), 'csv'),
    'epoch': ('BIGINT', lambda r: str(r.choice([0, 1706696430, -1, 253402300799])), 'epoch'),
}
ODD_NAMES = ['order', 'a b', 'größe', 'x`y', 'd.o', "it's", 'select', 'UPPER', 'key', 'üñï', 'a-b', '1st',
             'a"b', 'back\\slash', '--', '/*', '%s', '1e5', 'null', 'rank', '$', 'ключ', 'a#b', 'src', '@x', ';']


class Table:
    def __init__(self, role, name):
        self.role, self.name, self.columns, self.primary = role, name, [], []
        self.extra = []   # the random ones: (name, type)
        self.ddl, self.rows = [], []

    def add(self, name, ddl):
        self.columns.append(name)
        self.ddl.append('%s %s' % (quoted(name), ddl))

    def q(self, column):
        return quoted(self.name) + '.' + quoted(column)

    def of(self, *groups):
        return [n for n, t in self.extra if TYPES[t][2] in groups]

    def type(self, column):
        return dict(self.extra).get(column)


class Schema:
    def __init__(self, r, server):
        self.r, self.server, self.tables = r, server, {}
        odd = r.random() < 0.2
        self.parent = self.make('parent', 'par ent' if odd else 'parent')
        self.child = self.make('child', 'order' if odd else 'child')
        self.tree = self.make('tree', 'bäume' if odd else 'tree')
        self.lookup = self.make('lookup', 'look`up' if odd else 'lookup')
        code = 'VARCHAR(20) CHARACTER SET utf8mb4 COLLATE %s' % r.choice(
            ['utf8mb4_general_ci', 'utf8mb4_bin', 'utf8mb4_unicode_ci'])
        p, c, t, l = self.parent, self.child, self.tree, self.lookup
        self.code_ci = '_ci' in code
        self.composite = r.random() < 0.4
        self.id_type = r.choice(['INT', 'BIGINT UNSIGNED', 'SMALLINT'])
        self.part = 'VARCHAR(10) CHARACTER SET ' + r.choice([
            'utf8mb4 COLLATE utf8mb4_bin', 'utf8mb4 COLLATE utf8mb4_general_ci',
            'latin1 COLLATE latin1_swedish_ci', 'latin1 COLLATE latin1_bin'] +
            (['utf8mb4 COLLATE utf8mb4_0900_ai_ci'] if server == 'mysql' else
             ['utf8mb4 COLLATE utf8mb4_nopad_bin']))
        p.add('id', self.id_type + ' NOT NULL')
        p.primary = ['id']
        if self.composite:
            p.add('part', self.part + ' NOT NULL')
            p.primary = r.choice([['id', 'part'], ['part', 'id']])
        p.add('code', code + ' NULL')
        c.add('id', r.choice(['INT', 'BIGINT UNSIGNED', 'VARCHAR(10) CHARACTER SET utf8mb4 '
                              'COLLATE utf8mb4_bin', 'BINARY(3)', 'DECIMAL(9,2)']) + ' NOT NULL')
        c.primary = ['id']
        c.add('parent_id', self.id_type + ' NULL')
        if self.composite:
            c.add('parent_part', self.part + ' NULL')
        c.add('grp', 'INT NULL')
        c.add('code', code + ' NULL')
        c.add('amount', 'DECIMAL(12,%d) NULL' % r.choice([0, 2, 4]))
        t.add('id', 'INT NOT NULL')
        t.primary = ['id']
        t.add('parent_id', 'INT NULL')
        t.add('name', code + ' NOT NULL')
        t.add('child_of', 'INT NULL')
        l.add('code', code + ' NOT NULL')
        l.add('label', 'VARCHAR(30) CHARACTER SET utf8mb4 NULL')
        for table, many in ((p, 9), (c, 9), (t, 3), (l, 4)):
            names = r.sample(ODD_NAMES, 2)
            for i in range(many):
                kind = r.choice(list(TYPES))
                name = names.pop() if names and r.random() < 0.2 else '%s_%d' % (kind, i)
                table.extra.append((name, kind))
                table.add(name, TYPES[kind][0] + ('' if 'NULL' in TYPES[kind][0] else ' NULL'))
        self.fill()

    def make(self, role, name):
        self.tables[role] = Table(role, name)
        return self.tables[role]

    def extras(self, table):
        r = self.r
        out = []
        for _, kind in table.extra:
            out.append('NULL' if r.random() < 0.15 else TYPES[kind][1](r))
        return out

    def code(self):
        r = self.r
        return "'%s'" % r.choice(['A1', 'B2', 'C3', 'a1', 'D4', 'zz']) if r.random() < 0.9 else 'NULL'

    def fill(self):
        r, p, c, t, l = self.r, self.parent, self.child, self.tree, self.lookup
        keys = [(str(i), r.choice(['k1', 'K1', 'm', 'm ', ''])) for i in r.sample(range(0, 30), 6)]
        for k in keys:
            row = [k[0]] + (["'%s'" % k[1]] if self.composite else []) + [self.code()]
            p.rows.append(row + self.extras(p))
        kind = c.ddl[0]
        ids = r.sample(range(1, 200), 10)
        for n in ids:
            key = "'r%d'" % n if 'VARCHAR' in kind else "X'%06x'" % (n * 256) if 'BINARY' in kind else str(n)
            k = r.choice(keys + [None])
            # the parent's own key, or one that some collations take for it
            part = k and r.choice([k[1]] * 3 + [k[1].swapcase(), k[1] + ' '])
            row = [key] + ([k[0] if k else 'NULL'] + ([("'%s'" % part) if k else 'NULL']
                                                      if self.composite else []))
            row += [r.choice(['1', '2', 'NULL', '3']), self.code(),
                    'NULL' if r.random() < 0.1 else '%d.%04d' % (r.randint(-999, 9999), r.randint(0, 9999))]
            c.rows.append(row + self.extras(c))
        for i in range(1, 8):
            parent = 'NULL' if i == 1 or r.random() < 0.3 else str(r.randint(1, i - 1))
            t.rows.append([str(i), parent, "'N%d'" % r.randint(1, 6),
                           r.choice([k[0] for k in keys] + ['NULL'])] + self.extras(t))
        for code in r.sample(['A1', 'B2', 'C3', 'D4', 'Q9'], 4):
            l.rows.append(["'%s'" % code, sql_text('label ' + code) if r.random() < 0.8 else 'NULL'] +
                          self.extras(l))

    def sql(self):
        c, p = self.child, self.parent
        out = ["SET NAMES utf8mb4;", "SET time_zone='+00:00', sql_mode='', foreign_key_checks=0;"]
        for t in self.tables.values():
            ddl = list(t.ddl)
            if t.primary:
                ddl.append('PRIMARY KEY (%s)' % ', '.join(map(quoted, t.primary)))
            if t is c:
                columns = {'id': 'parent_id', 'part': 'parent_part'}
                ddl.append('FOREIGN KEY (%s) REFERENCES %s (%s)' % (
                    ', '.join(quoted(columns[x]) for x in p.primary), quoted(p.name),
                    ', '.join(map(quoted, p.primary))))
            if t.role == 'tree':
                ddl.append('FOREIGN KEY (parent_id) REFERENCES %s (id)' % quoted(t.name))
            out.append('CREATE TABLE %s (\n  %s\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 '
                       'COLLATE=utf8mb4_general_ci;' % (quoted(t.name), ',\n  '.join(ddl)))
            for row in t.rows:
                out.append('INSERT IGNORE INTO %s VALUES (%s);' % (quoted(t.name), ', '.join(row)))
        return out
