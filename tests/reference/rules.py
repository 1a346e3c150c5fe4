"""The contract's rules on rows in memory: one row, one item or one reject (sections 1 to 4, 7)."""
import base64
import functools
import re
from decimal import Decimal

import encode
import fragments
from fragments import Scope, truth
from source import sort_by
from values import (ContractError, Reject, Value, apply_zero_dates, compare, dec, epoch_us,
                    from_epoch_us, is_zero_date, plain, s_text, shortest, text)

DEFAULTS = {'datetime_format': 'iso8601', 'nulls': 'omit', 'empty_strings': 'keep',
            'zero_dates': 'null'}
MAX_ITEM_BYTES = 409600
PLACEHOLDER = re.compile(r'\{([^{}]*)\}')


@functools.lru_cache(maxsize=None)
def parsed(s):
    return fragments.parse(s)


def conditions_of(join):
    out = []
    for key in ('join_condition', 'join_conditions'):
        c = join.get(key)
        out += [c] if isinstance(c, str) else (c or [])
    return [parsed(c) for c in out]


class Entity:
    def __init__(self, source, table, spec, defaults):
        self.source, self.table_spec, self.spec, self.defaults = source, table, spec, defaults
        self.name = spec.get('entity_type', table['table'])
        self.source_table = source.table(spec['source_table'])
        self.attributes = {a['name']: a for a in spec['attributes']}
        self.found = (None, {})

    def parse(self, s):
        return parsed(s)

    # ---- rows

    def rows(self):
        where = self.spec.get('where')
        for row in self.source_table.rows:
            if where is None or truth(fragments.evaluate(
                    self.parse(where), Scope({self.source_table.name: self.pair(row)},
                                             self.pair(row)))):
                yield row

    def pair(self, row):
        return (self.source_table, row)

    def source_scope(self, row):
        return Scope({self.source_table.name: self.pair(row)}, self.pair(row))

    # ---- lookups

    def scope(self, row, target, target_row, alias=None, hops=(), other=False):
        names = {self.source_table.name: self.pair(row)}
        relation = None
        for hop, hop_row in hops:  # of two of one name the later counts
            names[hop.name] = (hop, hop_row)
        pair = (target, target_row)
        if not alias and target.name in names:
            relation = (target.name, pair, names[target.name])
        names[alias or target.name] = pair
        return Scope(names, None, pair if other else None, relation)

    def selecting(self, scope, target, target_row):
        return Scope(scope.names, (target, target_row), scope.other)

    def matches(self, row, target, conditions, **more):
        if 'hops' in more:
            return self.search(row, target, conditions, **more)
        if self.found[0] is not row:  # what is looked up twice for a row is searched once
            self.found = (row, {})
        key = (target.name, tuple(map(id, conditions)), tuple(sorted(more.items())))
        if key not in self.found[1]:
            self.found[1][key] = self.search(row, target, conditions, **more)
        return self.found[1][key]

    def search(self, row, target, conditions, **more):
        out = []
        for target_row in target.rows:
            scope = self.scope(row, target, target_row, **more)
            if all(truth(fragments.evaluate(c, scope)) for c in conditions):
                out.append(target_row)
        return out

    def select(self, row, target, target_row, expression, **more):
        if target_row is None:
            return None
        scope = self.selecting(self.scope(row, target, target_row, **more), target, target_row)
        return fragments.evaluate(self.parse(expression), scope)

    def alias_table(self, join):
        if join.get('target_table'):
            return self.source.table(join['target_table'])
        columns = set()

        def walk(node):
            if isinstance(node, (tuple, list)):
                if len(node) == 3 and node[0] == 'name' and node[1] and \
                        node[1].lower() == self.source_table.name.lower():
                    columns.add(node[2].lower())
                for x in node:
                    walk(x)
        walk(conditions_of(join))
        for column, other, _ in self.source_table.foreign:
            if column.lower() in columns:
                return self.source.table(other)
        return self.source_table

    def join(self, row, join):
        kind = join['type']
        if kind in ('foreign-key', 'lookup-table', 'multi-column'):
            target = self.source.table(join['target_table'])
            found = self.matches(row, target, conditions_of(join))
            return self.select(row, target, found[0] if found else None, join['select_column'])
        if kind == 'self-join':
            target, alias = self.alias_table(join), join['join_alias']
            found = self.matches(row, target, conditions_of(join), alias=alias)
            v = self.select(row, target, found[0] if found else None, join['select_column'],
                            alias=alias)
            v = None if is_zero_date(v) and self.defaults['zero_dates'] == 'null' else v
            if v is None and join.get('null_value') is not None:
                return text(str(join['null_value']))
            return v
        if kind == 'conditional':
            return self.conditional(row, join)
        if kind == 'chain':
            return self.chain(row, join)
        if kind == 'json-construction':
            return self.construct(row, join)
        raise ContractError(kind)

    def conditional(self, row, join):
        target = self.source.table(join.get('target_table', self.source_table.name))

        def looked_up(expression):
            found = self.matches(row, target, conditions_of(join), other=True)
            return self.select(row, target, found[0] if found else None, expression, other=True)
        holds = truth(fragments.evaluate(self.parse(join['condition']), self.source_scope(row)))
        if holds:
            node = self.parse(join['select_column'])
            if node[0] == 'literal':
                return node[1]
            return looked_up(join['select_column'])
        other = join['else_value']
        if other is None:
            return None
        if not isinstance(other, str):
            return text(str(other))
        m = re.fullmatch(r'([^\W\d]\w*)\.([^\W\d]\w*)', other)
        if m:
            if m[1].lower() == self.source_table.name.lower() and target is not self.source_table:
                return row[self.source_table.column(m[2])]
            return looked_up(other)
        if len(other) > 1 and other[0] == "'" and other[-1] == "'":
            return text(other[1:-1].replace("''", "'"))
        return text(other)

    def chain(self, row, join):
        hops, values = [], []
        for hop in join['joins']:
            target = self.source.table(hop['target_table'])
            found = self.matches(row, target, conditions_of(hop), hops=tuple(hops))
            target_row = found[0] if found else None
            values.append(None if target_row is None or not hop.get('select_column') else
                          self.select(row, target, target_row, hop['select_column'],
                                      hops=tuple(hops)))
            hops.append((target, target_row))
        if join.get('chain_separator') is None:
            return values[-1]
        texts = [s_text(v, self.defaults) for v in values if v is not None]
        texts = [t for t in texts if t is not None]
        return text(join['chain_separator'].join(texts)) if texts else None

    def construct(self, row, join):
        target = self.source.table(join['target_table'])
        how = join['construction']
        found = self.matches(row, target, conditions_of(join))
        terms = []
        for e, descending in fragments.parse_order(how['order_by']) if how.get('order_by') else ():
            terms.append((lambda r, e=e: fragments.evaluate(
                e, self.selecting(self.scope(row, target, r), target, r)), descending))
        found = sort_by(found, terms)  # stable: the rows stand in primary key order
        if how['type'] == 'object':
            if not found:
                return None
            return Value('json', self.one_object(row, target, found[0], how))
        if how.get('limit') is not None:
            found = found[:int(how['limit'])]
        return Value('json', '[' + ','.join(self.one_object(row, target, r, how)
                                            for r in found) + ']')

    def one_object(self, row, target, target_row, how):
        return '{' + ','.join(
            encode.json_string(k) + ':' + encode.json_value(
                self.select(row, target, target_row, e), self.defaults)
            for k, e in how['select_columns'].items()) + '}'

    # ---- calculations

    def calculation(self, row, calculation, attribute):
        kind = calculation['type']
        if kind == 'aggregate':
            return self.aggregate(row, calculation)
        scope = self.source_scope(row)
        if kind == 'case':
            # the value of the branch itself: not made to fit the types of the other branches
            for c in calculation['cases']:
                if truth(fragments.evaluate(self.parse(c['when']), scope)):
                    return fragments.evaluate(self.parse(str(c['then'])), scope)
            if calculation.get('else') is None:
                return None
            return fragments.evaluate(self.parse(str(calculation['else'])), scope)
        columns = calculation.get('columns', attribute.get('source_column'))
        columns = [columns] if isinstance(columns, str) else columns
        values = [row[self.source_table.column(c)] for c in columns]
        if kind == 'concat':
            texts = [s_text(v, self.defaults) for v in values if v is not None]
            return text((calculation.get('separator') or '').join(
                t for t in texts if t is not None))
        if kind == 'date-math':
            interval = calculation.get('interval')
            return date_math(calculation, values, None if interval is None else
                             fragments.evaluate(self.parse(str(interval)), scope))
        raise ContractError(kind)

    def aggregate(self, row, calculation):
        target = self.source.table(calculation['target_table'])
        found = self.matches(row, target, conditions_of(calculation))
        operation, expression = calculation['operation'], calculation['select_column']
        if expression.strip() == '*':
            return dec(len(found))
        node = self.parse(expression)
        scopes = [self.selecting(self.scope(row, target, r), target, r) for r in found]
        values = [fragments.evaluate(node, s) for s in scopes]
        values = [v for v in values if v is not None]
        if operation == 'COUNT':
            return dec(len(values))
        if not values:
            return None
        if operation in ('MIN', 'MAX'):
            best = values[0]
            for v in values[1:]:
                if compare(v, best) == (1 if operation == 'MAX' else -1):
                    best = v
            return best
        numbers = [fragments.numeric(v) for v in values]
        if any(isinstance(n, float) for n in numbers):
            total = sum(float(n) for n in numbers)
            return Value('float', total if operation == 'SUM' else total / len(numbers))
        total = sum(numbers, Decimal(0))
        scale = max(fragments.scale_of(n) for n in numbers)
        total = total.quantize(Decimal(1).scaleb(-scale))
        if operation == 'SUM':
            return Value('dec', total)
        return Value('dec', fragments.divide(total, Decimal(len(numbers)), fragments.DECIMALS))

    # ---- an attribute

    def value(self, row, attribute, busy=()):
        """After its transformation, before its type."""
        if attribute['name'] in busy:
            raise ContractError('attributes in a circle')
        busy += (attribute['name'],)
        if attribute.get('join'):
            v = self.join(row, attribute['join'])
        elif attribute.get('calculation'):
            v = self.calculation(row, attribute['calculation'], attribute)
        else:
            column = attribute.get('source_column')
            column = column if isinstance(column, str) else (column or [None])[0]
            v = row[self.source_table.column(column)] if column else None
        t = attribute.get('transformation')
        return self.transform(row, v, t, attribute, busy) if t else v

    def placeholder(self, row, name, busy):
        if name in self.attributes:
            return self.value(row, self.attributes[name], busy)
        column = self.source_table.column(name)
        if column is None:
            raise ContractError('placeholder {%s}' % name)
        return row[column]

    def template(self, row, form, base, busy=()):
        out, at, fault = [], 0, None
        for m in PLACEHOLDER.finditer(form):
            try:
                v = base if m[1] == '' else self.placeholder(row, m[1], busy)
                s = s_text(v, self.defaults)
            except Reject as r:  # of no weight where another placeholder is NULL
                fault = fault or r
                continue
            if s is None:
                return None
            out += [form[at:m.start()], s]
            at = m.end()
        if fault:
            raise fault
        return text(''.join(out) + form[at:])

    def transform(self, row, v, t, attribute, busy):
        kind = t['type']
        if kind in ('string-format', 'template'):
            return self.template(row, t.get('format', t.get('template')), v, busy)
        if kind == 'static':
            return Value('static', t['value']) if t['value'] is not None else None
        v = apply_zero_dates(v, self.defaults)
        if v is None:
            return None
        if kind == 'date-format':
            return text(date_format(v, t['format'], t.get('source_format', 'timestamp')))
        if kind == 'number-format':
            return text(number_format(v, t['format'], self.defaults))
        if kind == 'json-parse':
            return Value('json', s_text(v, self.defaults), fsp='parsed')
        if kind in ('lower', 'upper', 'trim'):
            if v.kind == 'bin':  # bytes have no case
                return Value('bin', v.v.strip(b' ')) if kind == 'trim' else v
            s = s_text(v, self.defaults)
            return text({'lower': fragments.lower, 'upper': fragments.upper,
                         'trim': lambda x: x.strip(' ')}[kind](s))
        if kind == 'hex' and v.kind in ('dec', 'float', 'bit'):
            return text(number_hex(v.v))
        if kind in ('hex', 'base64'):
            if v.kind == 'bit':
                raw = v.v.to_bytes((v.bits + 7) // 8, 'big')
            else:
                raw = v.v if v.kind == 'bin' else v.raw if v.raw is not None else \
                    s_text(v, self.defaults).encode()
            return text(raw.hex().upper() if kind == 'hex' else base64.b64encode(raw).decode())
        if kind == 'uuid':
            b = v.v
            if len(b) != 16:
                raise Reject('NOT_TEXT')
            if t.get('swap'):
                b = b[4:8] + b[2:4] + b[0:2] + b[8:]
            h = b.hex()
            return text('-'.join((h[:8], h[8:12], h[12:16], h[16:20], h[20:])))
        if kind == 'split':
            s = s_text(v, self.defaults)
            return Value('list', s.split(t.get('separator', ',')) if s else [])
        raise ContractError(kind)

    # ---- keys and the item

    def key(self, row, name, template):
        """(type, value) of a key attribute, or None where the entity has none."""
        if name in self.attributes:
            return self.attributes[name]['type'], self.value(row, self.attributes[name])
        if template is not None:
            return 'S', self.template(row, template, None)
        if '#' in name:
            parts = name.split('#')
            if all(p in self.attributes or self.source_table.column(p) for p in parts):
                return 'S', self.template(row, '#'.join('{%s}' % p for p in parts), None)
        column = self.source_table.column(name)
        return ('S', row[column]) if column else None

    def made_key(self, row, name, template):
        """(type, what gives the value or raises), or None where the entity has no such key."""
        try:
            got = self.key(row, name, template)
        except Reject as r:
            def refuse(r=r):
                raise r
            return 'S', refuse
        return got and (got[0], lambda: got[1])

    def item(self, row):
        """(item, codes): no code, and the item is one; else each code that can be given."""
        item, codes, table = {}, [], self.table_spec
        multi = 'entities' in table
        pk, sk = table.get('pk', 'PK' if multi else None), table.get('sk', 'SK' if multi else None)
        index_keys = {}
        for g in table.get('gsis') or ():
            for which, name in (('pk', g['pk']), ('sk', g.get('sk'))):
                if name:  # an attribute may be a key of several indexes: the lowest limit counts
                    index_keys[name] = min(2048 if which == 'pk' else 1024,
                                           index_keys.get(name, 2048))
        plan = {name: (a['type'], lambda a=a: self.value(row, a))
                for name, a in self.attributes.items()}
        for name, template in ((pk, self.spec.get('pk_template')), (sk, self.spec.get('sk_template'))):
            if name and name not in plan:
                got = self.made_key(row, name, template)
                if got is None:
                    raise ContractError('no key %r' % name)
                plan[name] = got
        for name in index_keys:
            if name not in plan:
                got = self.made_key(row, name, None)
                if got is not None:
                    plan[name] = got
        for name, (kind, of) in plan.items():
            try:
                self.place(item, codes, name, kind, of(), (pk, sk), index_keys)
            except Reject as r:
                codes.append(r.code)
        if not codes and encode.item_size(item) > MAX_ITEM_BYTES:
            codes.append('ITEM_SIZE')
        return item, codes, [item.get(k) for k in (pk, sk) if k]

    def place(self, item, codes, name, kind, v, keys, index_keys):
        v = apply_zero_dates(v, self.defaults)
        a = encode.encode(kind, v, self.defaults)
        if name in keys:
            if a is None:
                codes.append('KEY_NULL')
            elif encode.size(a) == 0:
                codes.append('KEY_EMPTY')
            elif encode.size(a) > (2048 if name == keys[0] else 1024):
                codes.append('KEY_SIZE')
            else:
                item[name] = a
                if name in index_keys and encode.size(a) > index_keys[name]:
                    codes.append('INDEX_KEY_SIZE')
            return
        if name in index_keys:
            if a is None or encode.size(a) == 0:
                return
            if encode.size(a) > index_keys[name]:
                codes.append('INDEX_KEY_SIZE')
            item[name] = a
            return
        if kind == 'NULL':
            item[name] = {'NULL': True}
        elif a is None:
            if encode.is_null(kind, v, self.defaults) and self.defaults['nulls'] == 'null':
                item[name] = {'NULL': True}
        elif a == {'S': ''} and self.defaults['empty_strings'] == 'omit':
            pass
        else:
            item[name] = a


TOKENS = re.compile(r'YYYY|SSS|MM|DD|HH|mm|ss')


def date_format(v, form, source_format):
    if v.kind in ('date', 'datetime'):
        t = v.v if v.kind == 'datetime' else v.v + (0, 0, 0, 0)
    elif source_format in ('unix', 'unix-ms'):
        if v.kind == 'text' and not encode.NUMBER.fullmatch(v.v):
            raise Reject('NOT_NUMBER')
        n = Decimal(v.v) if v.kind == 'text' else fragments.numeric(v)
        n = shortest(n, v.single) if isinstance(n, float) else n
        t = from_epoch_us(int(n * (1000000 if source_format == 'unix' else 1000)))
        if not 0 < t[0] <= 9999:
            raise Reject('ZERO_DATE')
    elif source_format != 'timestamp':
        pattern, names, at = '', [], 0
        for m in TOKENS.finditer(source_format):
            pattern += re.escape(source_format[at:m.start()]) + '(\\d{%d})' % len(m[0])
            names.append(m[0])
            at = m.end()
        m = re.fullmatch(pattern + re.escape(source_format[at:]), v.v)
        if not m:
            raise Reject('ZERO_DATE')
        got = dict(zip(names, map(int, m.groups())))
        t = tuple(got.get(n, d) for n, d in (('YYYY', 1970), ('MM', 1), ('DD', 1), ('HH', 0),
                                             ('mm', 0), ('ss', 0))) + (got.get('SSS', 0) * 1000,)
    else:
        raise ContractError('date-format of %s' % v.kind)
    named = {'YYYY': '%04d' % t[0], 'MM': '%02d' % t[1], 'DD': '%02d' % t[2], 'HH': '%02d' % t[3],
             'mm': '%02d' % t[4], 'ss': '%02d' % t[5], 'SSS': '%03d' % (t[6] // 1000)}
    if '%' in form:
        codes = {'Y': named['YYYY'], 'm': named['MM'], 'd': named['DD'], 'H': named['HH'],
                 'i': named['mm'], 's': named['ss'], 'S': named['ss'], 'f': '%06d' % t[6],
                 'y': named['YYYY'][2:], 'c': str(t[1]), 'e': str(t[2]), 'k': str(t[3]), '%': '%',
                 'T': '%s:%s:%s' % (named['HH'], named['mm'], named['ss'])}
        return re.sub('%(.)', lambda m: codes[m[1]], form)
    return TOKENS.sub(lambda m: named[m[0]], form)


def number_hex(n):
    """As the server's HEX: of a whole number, as far as 64 bits go."""
    half = isinstance(n, float) and fragments.HALF['even']
    n = int(Decimal(n).to_integral_value('ROUND_HALF_EVEN' if half else 'ROUND_HALF_UP'))
    if not -2 ** 63 <= n < 2 ** 64:
        return 'F' * 16
    return '%X' % (n % 2 ** 64)


def number_format(v, form, defaults):
    whole, _, part = form.partition('.')
    if v.kind == 'float':
        d = shortest(v.v, v.single)
    elif v.kind in ('dec', 'bit'):
        d = Decimal(v.v)
    else:
        s = v.v.decode('latin-1') if v.kind == 'bin' else s_text(v, defaults)
        if not encode.NUMBER.fullmatch(s):
            raise Reject('NOT_NUMBER')
        d = Decimal(s)
    d = fragments.round_half_away(d, len(part))
    s = plain(abs(d))
    head, _, tail = s.partition('.')
    s = head.rjust(len(whole), '0') + ('.' + tail if tail else '')
    return ('-' if d < 0 else '') + s


def date_math(c, values, interval):
    operation, unit = c['operation'], c['unit'].upper().rstrip('S')
    if any(v is None or is_zero_date(v) for v in values):
        return None
    if operation == 'diff':
        a, b = values[:2]
        if unit in fragments.SECONDS:
            d = epoch_us(b) - epoch_us(a)
            n = abs(d) // (fragments.SECONDS[unit] * 1000000)
            return dec(-n if d < 0 else n)
        sign, (a, b) = (1, (a, b)) if epoch_us(a) <= epoch_us(b) else (-1, (b, a))
        x, y = [v.v if v.kind == 'datetime' else v.v + (0, 0, 0, 0) for v in (a, b)]
        n = (y[0] - x[0]) * 12 + y[1] - x[1] - (y[2:] < x[2:])
        return dec(sign * (n // fragments.MONTHS[unit]))
    return fragments.shift('-' if operation == 'subtract' else '+', values[0], interval, unit)


def expected(contract, source):
    """[(table name, key names, entity, source key, item or None, codes)] of every row."""
    tables = contract['tables'] if isinstance(contract, dict) else contract
    defaults = dict(DEFAULTS, **(contract.get('defaults') or {}
                                 if isinstance(contract, dict) else {}))
    out = []
    for t in tables:
        seen = set()
        for spec in t.get('entities') or [t]:
            e = Entity(source, t, spec, defaults)
            for row in e.rows():
                item, codes, keys = e.item(row)
                if all(k is not None for k in keys):
                    identity = repr(keys)
                    if identity in seen and not codes:
                        codes = ['KEY_DUPLICATE']
                    elif not codes:
                        seen.add(identity)
                source_key = {c: row[c] for c in e.source_table.primary}
                out.append((t['table'], e.name, source_key, item if not codes else None, codes))
    return out
