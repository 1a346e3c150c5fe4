"""Random contracts for a schema of schemas.py."""
from schemas import TYPES, quoted

SENSIBLE = {'int': 'SNN', 'dec': 'SNN', 'float': 'SNN', 'bit': 'NSB', 'date': 'SSN', 'time': 'S',
            'datetime': 'SSN', 'text': 'SSSB', 'bin': 'BBBS', 'enum': 'S', 'set': ('S', 'SS', 'SS'),
            'json': ('S', 'S', 'M', 'L', 'NS', 'SS'), 'jsontext': ('S', 'M', 'L', 'SS'), 'spatial': 'S',
            'numtext': 'SN', 'booltext': ('S', 'BOOL', 'BOOL'), 'csv': 'S', 'epoch': 'N'}


class Maker:
    def __init__(self, r, schema):
        self.r, self.s = r, schema

    def kind(self, table, column):
        """A sensible type for a column."""
        t = table.type(column)
        if t is None:
            return 'S'
        if t in ('flag', 'bit1') and self.r.random() < 0.5:
            return 'BOOL'
        return self.r.choice(SENSIBLE[TYPES[t][2]])

    def any_column(self, table):
        return self.r.choice(table.extra)[0]

    # ---- the ways from a table to another: (target, condition)

    def on_parent(self):
        p, c = self.s.parent, self.s.child
        out = ['%s = %s' % (p.q('id'), c.q('parent_id'))]
        if self.s.composite:
            out.append('%s = %s' % (p.q('part'), c.q('parent_part')))
        return out

    def way(self, table):
        """(target, conditions) of a lookup from the table; the target is another one."""
        s, r = self.s, self.r
        ways = []
        if table is s.child:
            ways += [(s.parent, self.on_parent()), (s.lookup, ['%s = %s' % (
                s.lookup.q('code'), s.child.q('code'))]),
                (s.parent, ['%s = %s' % (s.parent.q('code'), s.child.q('code'))])]
        elif table is s.parent:
            ways += [(s.child, self.on_parent()), (s.lookup, ['%s = %s' % (
                s.parent.q('code'), s.lookup.q('code'))]),
                (s.child, self.on_parent() + ['%s >= 2' % s.child.q('grp')]),
                (s.child, self.on_parent() + [r.choice([
                    '(%s = 1 OR %s > 100)' % (s.child.q('grp'), s.child.q('amount')),
                    '%s IN (1, 3)' % s.child.q('grp'), '%s IS NOT NULL' % s.child.q('code'),
                    "%s BETWEEN -50 AND 5000.5" % s.child.q('amount'),
                    '%s <> %s' % (s.child.q('code'), s.parent.q('code')),
                    'NOT %s = 2' % s.child.q('grp')])])]
        else:
            ways += [(s.parent, ['%s = %s' % (s.tree.q('child_of'), s.parent.q('id'))]),
                     (s.child, ['%s = %s' % (s.child.q('grp'), s.tree.q('id'))])]
        return r.choice(ways)

    def select(self, target, expressions=True):
        """(expression, type)"""
        r = self.r
        column = self.any_column(target)
        name = r.choice([quoted(column), target.q(column)])
        if not expressions or r.random() < 0.75:
            return name, self.kind(target, column)
        if target.role == 'child':
            return r.choice([('amount * 2', 'N'), ('amount + grp', 'S'), ("CONCAT(code, '-', grp)", 'S'),
                             ('COALESCE(amount, 0)', 'S'), ('amount / 3', 'S'), ('UPPER(code)', 'S'),
                             ("CASE WHEN grp > 1 THEN 'many' ELSE 'few' END", 'S')])
        if target.role == 'parent':
            return r.choice([("CONCAT(code, ' of ', id)", 'S'), ('id + 1', 'N'), ('LOWER(code)', 'S'),
                             ("IFNULL(code, 'none')", 'S')])
        return name, self.kind(target, column)

    # ---- attributes

    def attribute(self, table, name):
        makers = [self.plain] * 5 + [self.foreign] * 2 + [self.self_join, self.conditional, self.chain] + \
            [self.construct] * 3 + [self.aggregate] * 3 + [self.case, self.concat, self.date_math] + \
            [self.transformed] * 5 + [self.on_top] * 2 + [self.static, self.tree_relation,
                                                          self.tree_count, self.long_chain]
        for _ in range(50):
            a = self.r.choice(makers)(table)
            if a:
                a.setdefault('source_table', table.name)
                a.setdefault('source_column', table.columns[0])
                a['name'] = name
                return a
        raise AssertionError

    def plain(self, table):
        c = self.any_column(table)
        return {'type': self.kind(table, c), 'source_column': c}

    def foreign(self, table):
        target, on = self.way(table)
        expression, kind = self.select(target)
        if len(on) > 1:
            join = {'type': 'multi-column', 'target_table': target.name, 'join_conditions': on}
        else:
            join = {'type': self.r.choice(['foreign-key', 'lookup-table']),
                    'target_table': target.name, 'join_condition': on[0]}
        return {'type': kind, 'join': dict(join, select_column=expression)}

    def tree_relation(self, table):
        if table is not self.s.tree:
            return None
        t = table
        up = self.r.random() < 0.5
        on = '%s = %s' % ((t.q('id'), t.q('parent_id')) if up else (t.q('parent_id'), t.q('id')))
        if self.r.random() < 0.5:
            return {'type': 'L', 'join': {
                'type': 'json-construction', 'target_table': t.name, 'join_condition': on,
                'construction': {'type': 'array', 'select_columns': {
                    'name': 'name', 'id': t.q('id'), 'x': quoted(self.any_column(t))},
                    'order_by': self.r.choice(['name DESC', 'id', 'name, id DESC'])}}}
        expression, kind = self.select(t, False)
        return {'type': kind, 'join': {'type': 'foreign-key', 'target_table': t.name,
                                       'join_condition': on, 'select_column': expression}}

    def self_join(self, table):
        s, r = self.s, self.r
        join = {'type': 'self-join', 'join_alias': 'other'}
        if table is s.tree:
            target = table
            join['join_condition'] = '`other`.id = %s' % table.q('parent_id')
        elif table is s.child:
            target = s.parent
            join['join_condition'] = ' AND '.join(
                x.replace(quoted(s.parent.name) + '.', 'other.') for x in self.on_parent())
        else:
            target = table
            join['target_table'] = table.name
            join['join_condition'] = 'other.code = %s AND other.id <> %s' % (
                table.q('code'), table.q('id'))
        column = self.any_column(target)
        join['select_column'] = 'other.' + quoted(column)
        kind = self.kind(target, column)
        if kind == 'S' and r.random() < 0.6:
            join['null_value'] = r.choice(['', 'none', "it's"])
        return {'type': kind, 'join': join}

    def condition(self, table):
        r = self.r
        if table is self.s.child:
            return r.choice(['grp = 1', 'grp IS NULL', 'amount > 100.5', "code IN ('A1', 'B2')",
                             "code LIKE 'a%'", 'grp BETWEEN 1 AND 2', 'NOT (grp = 1 OR amount < 0)',
                             "amount * 2 > 100 AND code IS NOT NULL", 'grp <> 2'])
        if table is self.s.parent:
            return r.choice(['id > 10', "code = 'a1'", 'code IS NULL', 'id % 2 = 0',
                             "code NOT IN ('A1')", 'id BETWEEN 5 AND 15'])
        return r.choice(['parent_id IS NULL', 'id > 3', "name = 'n1'", 'parent_id + 1 = id',
                         "name LIKE '%1'"])

    def tree_count(self, table):
        if table is not self.s.tree:
            return None
        return {'type': 'N', 'calculation': {
            'type': 'aggregate', 'target_table': table.name, 'operation': self.r.choice(
                ['COUNT', 'SUM', 'MAX']), 'select_column': 'id', 'join_condition': '%s = %s' % (
                    table.q('parent_id'), table.q('id'))}}

    def hop(self, table):
        """(target, conditions) from the table, the target on the left, maybe the table itself."""
        s, r = self.s, self.r
        equal = lambda t, a, f, b: '%s = %s' % (t.q(a), f.q(b))
        parts = lambda t, f: [equal(t, a, f, b) for a, b in (
            [('parent_part', 'part')] if t is s.child else [('part', 'parent_part')])] \
            if s.composite else []
        return r.choice({
            'child': [(s.parent, [equal(s.parent, 'id', s.child, 'parent_id')] + parts(s.parent, s.child)),
                      (s.lookup, [equal(s.lookup, 'code', s.child, 'code')]),
                      (s.tree, [equal(s.tree, 'id', s.child, 'grp')])],
            'parent': [(s.child, [equal(s.child, 'parent_id', s.parent, 'id')] + parts(s.child, s.parent)),
                       (s.lookup, [equal(s.lookup, 'code', s.parent, 'code')]),
                       (s.tree, [equal(s.tree, 'child_of', s.parent, 'id')])],
            'tree': [(s.parent, [equal(s.parent, 'id', s.tree, 'child_of')]),
                     (s.child, [equal(s.child, 'grp', s.tree, 'id')]),
                     (s.tree, [equal(s.tree, 'id', s.tree, 'parent_id')])],
            'lookup': [(s.parent, [equal(s.parent, 'code', s.lookup, 'code')]),
                       (s.child, [equal(s.child, 'code', s.lookup, 'code')])]}[table.role])

    def long_chain(self, table):
        r, joins, at = self.r, [], table
        for _ in range(r.randint(3, 8)):
            at, on = self.hop(at)
            joins.append({'target_table': at.name, 'join_condition': ' AND '.join(on),
                          'select_column': at.columns[0]})
        join = {'type': 'chain', 'joins': joins}
        if at.role == 'child' and 'BINARY' in at.ddl[0] or r.random() < 0.6:
            joins[-1]['select_column'] = quoted(self.any_column(at))
            return {'type': 'S' if at.type(joins[-1]['select_column'][1:-1]) is None else
                    self.kind(at, joins[-1]['select_column'][1:-1].replace('``', '`')), 'join': join}
        if any(j['target_table'] == self.s.child.name for j in joins) and \
                'BINARY' in self.s.child.ddl[0]:
            return None
        join['chain_separator'] = r.choice(['>', ', '])
        return {'type': 'S', 'join': join}

    def on_top(self, table):
        """A transformation on top of a join or a calculation."""
        a = self.r.choice([self.construct, self.aggregate, self.foreign, self.self_join,
                           self.long_chain])(table)
        if not a or a['type'] not in 'SLM' or 'calculation' in a and a['type'] != 'S':
            return None
        constructed = (a.get('join') or {}).get('type') == 'json-construction'
        if constructed:
            a['type'] = 'S'
        elif a['type'] != 'S':
            return None
        a['transformation'] = self.r.choice(
            [{'type': 'string-format', 'format': '<{}>'}, {'type': 'string-format', 'format': '{}'}] +
            [{'type': k} for k in (('trim', 'base64', 'hex') if constructed else ())])
        return a

    def conditional(self, table):
        r = self.r
        target, on = self.way(table)
        column = self.any_column(target)
        kind = self.kind(target, column)
        if kind not in 'SN':
            kind = 'S'
        select = quoted(target.name) + '.' + quoted(column)
        if r.random() < 0.25:
            select, kind = "'LITERAL'", 'S'
        other = r.choice(["'quoted text'", 'bare text', 'source', 'target', "'it''s'", '', 'UNKNOWN'])
        plain_name = lambda n: n.isidentifier() and n.lower() not in ('order', 'select', 'key')
        if other == 'source':
            if not plain_name(table.name):
                return None
            other = table.name + '.' + table.columns[0]
        elif other == 'target':
            if not (plain_name(target.name) and plain_name(column)):
                return None
            other = r.choice([target.name, 'parent_row']) + '.' + column
        if r.random() < 0.1:
            other = r.choice([0, 1250, -3])
        elif kind == 'N' and not ('.' in other):
            kind = 'S'
        return {'type': kind, 'join': {
            'type': 'conditional', 'condition': self.condition(table), 'target_table': target.name,
            'join_condition': ' AND '.join(on), 'select_column': select, 'else_value': other}}

    def chain(self, table):
        s = self.s
        if table is not s.child:
            return None
        first = {'target_table': s.parent.name, 'join_condition': ' AND '.join(self.on_parent()),
                 'select_column': quoted(self.any_column(s.parent))}
        second = {'target_table': s.lookup.name,
                  'join_condition': '%s = %s' % (s.lookup.q('code'), s.parent.q('code'))}
        column = self.any_column(s.lookup)
        second['select_column'] = self.r.choice([quoted(column), 'label'])
        kind = self.kind(s.lookup, column) if second['select_column'] != 'label' else 'S'
        join = {'type': 'chain', 'joins': [first, second]}
        if self.r.random() < 0.5:
            join['chain_separator'] = self.r.choice([', ', '', '#'])
            first['select_column'], kind = self.r.choice(['code', 'id']), 'S'
        return {'type': kind, 'join': join}

    def construct(self, table):
        r = self.r
        target, on = self.way(table)
        how = {'type': r.choice(['array', 'array', 'object']), 'select_columns': {}}
        for k in r.sample(['z', 'a', 'key two', 'ключ', 'b"q'], r.randint(1, 4)):
            how['select_columns'][k] = self.select(target)[0]
        if target.primary and r.random() < 0.7:
            how['order_by'] = r.choice({
                'child': ['grp', 'amount DESC', 'code, grp DESC', 'grp DESC, amount'],
                'parent': ['code', 'id DESC', 'code DESC']}[target.role])
        elif not target.primary:
            how['order_by'] = 'code'
        if how['type'] == 'array' and r.random() < 0.4:
            how['limit'] = r.choice([1, 2, 3])
        kind = 'S' if r.random() < 0.5 else 'L' if how['type'] == 'array' else 'M'
        return {'type': kind, 'join': {
            'type': 'json-construction', 'target_table': target.name,
            'join_condition': ' AND '.join(on), 'construction': how}}

    def aggregate(self, table):
        r = self.r
        target, on = self.way(table)
        operation = r.choice(['SUM', 'COUNT', 'AVG', 'MIN', 'MAX'])
        exact = [n for n, t in target.extra if TYPES[t][2] == 'dec' and t != 'decimal65'] + \
            [n for n, t in target.extra if t in ('int', 'smallint', 'ubigint', 'bigint', 'zerofill')]
        if operation in ('SUM', 'AVG'):
            pool = [quoted(n) for n in exact] + (['amount', 'amount * 2', 'grp'] if
                                                 target is self.s.child else [])
            kind = r.choice('SN')
        elif operation == 'COUNT':
            pool, kind = [quoted(self.any_column(target)), '*'], 'N'
        else:
            n = [(n, t) for n, t in target.extra if TYPES[t][2] in ('int', 'dec', 'float', 'date',
                                                                    'datetime', 'time')]
            if not n:
                return None
            n, t = r.choice(n)
            pool, kind = [quoted(n)], 'S' if TYPES[t][2] == 'time' else r.choice('SN')
        if not pool:
            return None
        return {'type': kind, 'calculation': {
            'type': 'aggregate', 'target_table': target.name, 'join_condition': ' AND '.join(on),
            'operation': operation, 'select_column': r.choice(pool)}}

    def case(self, table):
        r = self.r
        if r.random() < 0.6:
            thens, kind = ["'one'", "'two; three'", 'NULL'], 'S'
        elif table is self.s.child:
            thens, kind = ['amount', 'amount * 1.5', '0', 'grp', '-1.25'], r.choice('SN')
        else:
            thens, kind = ['id', '7', 'NULL', 'id * 2'], r.choice('SN')
        c = {'type': 'case', 'cases': [{'when': self.condition(table), 'then': r.choice(thens)}
                                       for _ in range(r.randint(1, 3))]}
        if all(x['then'] == 'NULL' for x in c['cases']):
            return None
        if r.random() < 0.6:
            c['else'] = r.choice(thens)
        return {'type': kind, 'calculation': c}

    def concat(self, table):
        r = self.r
        good = table.columns[:2] + table.of('text', 'int', 'dec', 'float', 'date', 'datetime', 'time',
                                            'enum', 'numtext')
        if table is self.s.child and 'BINARY' in table.ddl[0].split()[1]:
            good = good[1:]
        columns = [r.choice(good) for _ in range(r.randint(1, 3))]
        c = {'type': 'concat', 'columns': columns}
        if r.random() < 0.7:
            c['separator'] = r.choice(['-', ' ', '', '#'])
        return {'type': 'S', 'calculation': c}

    def date_math(self, table):
        r = self.r
        dates = table.of('date', 'datetime')
        if not dates:
            return None
        unit = r.choice(['SECOND', 'MINUTE', 'HOUR', 'DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'])
        if r.random() < 0.4 and len(dates) > 1:
            return {'type': r.choice('SN'), 'source_column': r.sample(dates, 2),
                    'calculation': {'type': 'date-math', 'operation': 'diff', 'unit': unit}}
        return {'type': r.choice('SN'), 'source_column': r.choice(dates), 'calculation': {
            'type': 'date-math', 'operation': r.choice(['add', 'subtract']), 'unit': unit,
            'interval': r.choice([1, 5, 14, 100])}}

    def transformed(self, table):
        """A transformation on a column, a join or a calculation."""
        r = self.r
        pairs = []
        for n, t in table.extra:
            group = TYPES[t][2]
            if group in ('text', 'enum', 'csv'):
                pairs += [(n, 'S', {'type': k}) for k in ('lower', 'upper', 'trim', 'hex', 'base64')]
            if group == 'csv':
                pairs += [(n, k, {'type': 'split', 'separator': ','}) for k in ('SS', 'L')]
            if group == 'bin':
                pairs += [(n, 'S', {'type': k}) for k in ('hex', 'base64')]
            if t == 'uuid':
                pairs += [(n, 'S', {'type': 'uuid', 'swap': r.random() < 0.5})] * 2
            if group in ('date', 'datetime'):
                pairs += [(n, 'S', {'type': 'date-format', 'format': f}) for f in
                          ('YYYY-MM-DD', 'DD.MM.YYYY HH:mm:ss', 'YYYYMMDDHHmmssSSS', '%Y-%m', '%d/%m/%y %H')]
            if group == 'epoch':
                pairs += [(n, 'S', {'type': 'date-format', 'format': 'YYYY-MM-DD HH:mm:ss',
                                    'source_format': 'unix'})]
            if group in ('int', 'dec', 'float') and t not in ('decimal65',):
                pairs += [(n, r.choice('SS'), {'type': 'number-format', 'format': f}) for f in
                          ('0.00', '000000', '0000.0', '0')]
            if group in ('json', 'jsontext'):
                pairs += [(n, r.choice(['M', 'L']), {'type': 'json-parse'})]
            if group not in ('bin', 'json', 'jsontext', 'set', 'bit', 'spatial'):
                pairs += [(n, 'S', {'type': 'string-format', 'format': f}) for f in
                          ('<{}>', '{%s}#{%s}' % (n, table.columns[1]), 'fixed')]
        if not pairs:
            return None
        column, kind, how = r.choice(pairs)
        a = {'type': kind, 'source_column': column, 'transformation': how}
        if r.random() < 0.25 and how['type'] in ('lower', 'upper', 'hex', 'trim', 'string-format'):
            a.update(join={'type': 'foreign-key', 'target_table': table.name, 'join_condition': ' AND '.join(
                '%s = %s' % (table.q(c), table.q(c)) for c in table.primary),
                'select_column': quoted(column)})
        return a

    def static(self, table):
        return self.r.choice([
            {'type': 'S', 'transformation': {'type': 'static', 'value': 'text "x"'}},
            {'type': 'N', 'transformation': {'type': 'static', 'value': 42}},
            {'type': 'BOOL', 'transformation': {'type': 'static', 'value': True}},
            {'type': 'NULL'}])

    # ---- tables

    def attributes(self, table, count, taken=()):
        out = []
        for i in range(count):
            out.append(self.attribute(table, 'a%d' % i))
        # a template over attributes made before
        texts = [a['name'] for a in out if a['type'] in 'SN' and not (
            a.get('transformation') or {}).get('type') == 'static']
        if texts:
            out.append({'name': 'tmpl', 'type': 'S', 'source_table': table.name,
                        'source_column': table.columns[0], 'transformation': {
                            'type': 'template', 'template': 'T-{%s}-{%s}' % (
                                self.r.choice(texts), self.r.choice(texts))}})
        return out

    def key_columns(self, table):
        return table.primary

    def table_of(self, entity):
        return [t for t in self.s.tables.values() if t.name == entity['source_table']][0]

    def attribute_keys(self, entities):
        """Keys that are attributes, of one type in all entities: numbers, and bytes of texts."""
        for e in entities:
            t = self.table_of(e)
            number = 'grp' if t is self.s.child else 'id'
            e['attributes'] += [
                {'name': 'PK', 'type': 'N', 'source_table': t.name, 'source_column': number},
                {'name': 'SK', 'type': 'B', 'source_table': t.name, 'source_column':
                 'name' if t is self.s.tree else 'code'}]

    def indexes(self, entities):
        r, out = self.r, []
        kinds = {}
        for e in entities:
            for a in e['attributes']:
                kinds.setdefault(a['name'], set()).add(a['type'])
        names = sorted(n for n, k in kinds.items() if len(k) == 1 and k <= {'S', 'N', 'B'})
        columns = self.table_of(entities[0]).columns
        for i in range(r.choice([0, 1, 1, 2, 3])):
            pick = lambda: r.choice(names) if r.random() < 0.8 else '%s#%s' % (columns[0], columns[1]) \
                if 'BINARY' not in self.table_of(entities[0]).ddl[0] else r.choice(names)
            pk, sk = pick(), r.choice([None, pick()])
            g = {'index_name': 'GSI%d' % i, 'pk': pk, 'sk': None if sk == pk else sk,
                 'projection': r.choice(['ALL', 'ALL', 'KEYS_ONLY', 'INCLUDE'])}
            if g['projection'] == 'INCLUDE':
                g['projected_attributes'] = r.sample(sorted(kinds), min(3, len(kinds)))
            out.append(g)
        return out

    def contract(self):
        r, s = self.r, self.s
        tables = []
        entities = []
        for t in r.sample([s.parent, s.child, s.tree], r.randint(1, 3)):
            e = {'entity_type': t.role.upper(), 'source_table': t.name,
                 'pk_template': '%s#%s' % (t.role, r.choice(['', '{%s}' % t.columns[1]])
                                           if r.random() < 0.3 else '{%s}' % t.columns[0]),
                 'sk_template': '#'.join('{%s}' % c for c in self.key_columns(t)),
                 'attributes': self.attributes(t, r.randint(6, 10))}
            if s.child is t and 'BINARY' in t.ddl[0].split()[1]:
                e['attributes'].append({'name': 'idhex', 'type': 'S', 'source_table': t.name,
                                        'source_column': 'id', 'transformation': {'type': 'hex'}})
                e['sk_template'] = '{idhex}'
                e['pk_template'] = 'child#{idhex}'
            if r.random() < 0.3:
                e['where'] = self.condition(t)
            entities.append(e)
        if r.random() < 0.2:
            self.attribute_keys(entities)
        if r.random() < 0.15:  # the same rows again
            twin = dict(entities[0], entity_type='TWIN', where=self.condition(self.table_of(entities[0])))
            entities.append(twin)
        multi = {'table': 'Multi', 'type': 'multi-entity', 'source_table': entities[0]['source_table'],
                 'pk': 'PK', 'sk': 'SK', 'gsis': self.indexes(entities), 'entities': entities}
        tables.append(multi)
        t = r.choice([s.parent, s.child, s.tree])
        single = {'table': 'Single', 'type': 'single-entity', 'source_table': t.name,
                  'attributes': self.attributes(t, r.randint(6, 10)), 'pk': 'PK', 'sk': None}
        choice = r.random()
        column = t.primary[0]
        kind = 'B' if t is s.child and 'BINARY' in t.ddl[0].split()[1] else r.choice(
            'SN' if t is not s.child or 'VARCHAR' not in t.ddl[0] else 'S')
        if choice < 0.4:
            single['attributes'].append({'name': 'PK', 'type': kind, 'source_table': t.name,
                                         'source_column': column})
        elif choice < 0.7 and kind != 'B':
            single['pk'] = '#'.join(t.primary) if len(t.primary) > 1 else 'id#' + t.columns[1]
        else:
            single['attributes'].append({'name': 'PK', 'type': kind, 'source_table': t.name,
                                         'source_column': column})
            single['sk'] = r.choice(t.columns[:3])
            if single['sk'] == 'id' and kind == 'B':
                single['sk'] = 'parent_id'
        if r.random() < 0.2:
            single['where'] = self.condition(t)
        single['gsis'] = self.indexes([single])
        tables.append(single)
        if r.random() < 0.15:
            return tables
        out = {'tables': tables}
        if r.random() < 0.6:
            out['defaults'] = {'datetime_format': r.choice(['iso8601', 'iso8601-ms', 'mysql', 'epoch',
                                                            'epoch-ms']),
                               'nulls': r.choice(['omit', 'null']),
                               'empty_strings': r.choice(['keep', 'omit']),
                               'zero_dates': r.choice(['null', 'null', 'reject', 'keep'])}
        return out
