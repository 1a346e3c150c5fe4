"""SQL fragments of a contract: parsed to tuples, evaluated on rows in memory.

A scope says which row a name means: names maps a qualifier to (table, row), default is the pair
for unqualified names, other the pair for unknown qualifiers (or None), relation the qualifier whose
meaning depends on the side of '=' (a self-relation), as (name, target pair, source pair).
"""
import re
from decimal import Decimal

from values import (ContractError, Value, compare, days_from_civil, dec, epoch_us, fold,
                    from_epoch_us, number_of, server_text, text)

TOKEN = re.compile(r'''\s*(?:
    (?P<string>'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*")
  | (?P<number>(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?)
  | (?P<quoted>`(?:[^`]|``)+`)
  | (?P<name>[^\W\d][\w$]*)
  | (?P<op><=>|<=|>=|<>|!=|\|\||&&|[-+*/%(),.=<>!])
)''', re.X | re.S)
KEYWORDS = {'AND', 'OR', 'NOT', 'IS', 'NULL', 'IN', 'LIKE', 'BETWEEN', 'CASE', 'WHEN', 'THEN', 'ELSE',
            'END', 'TRUE', 'FALSE', 'DIV', 'MOD', 'XOR', 'ASC', 'DESC', 'INTERVAL'}
ESCAPES = {'n': '\n', 't': '\t', 'r': '\r', '0': '\0', 'b': '\b', 'Z': '\x1a', '%': '\\%', '_': '\\_'}


def tokens(s):
    out, at = [], 0
    while s[at:].strip():
        m = TOKEN.match(s, at)
        if not m:
            raise ContractError('fragment %r at %d' % (s, at))
        at = m.end()
        kind = m.lastgroup
        t = m.group(kind)
        if kind == 'string':
            q = t[0]
            body = t[1:-1].replace(q * 2, q)
            out.append(('string', re.sub(r'\\(.)', lambda e: ESCAPES.get(e[1], e[1]), body,
                                         flags=re.S)))
        elif kind == 'quoted':
            out.append(('name', t[1:-1].replace('``', '`')))
        elif kind == 'name' and t.upper() in KEYWORDS:
            out.append(('key', t.upper()))
        else:
            out.append((kind, t))
    out.append(('end', ''))
    return out


class Parser:
    def __init__(self, s):
        self.t, self.at = tokens(s), 0

    def peek(self, *what):
        kind, t = self.t[self.at]
        return kind in ('op', 'key') and t in what

    def take(self, *what):
        if self.peek(*what):
            self.at += 1
            return self.t[self.at - 1][1]
        return None

    def need(self, what):
        if not self.take(what):
            raise ContractError('expected %s at %r' % (what, self.t[self.at:]))

    def whole(self):
        e = self.either()
        if self.t[self.at][0] != 'end':
            raise ContractError('left over %r' % self.t[self.at:])
        return e

    def either(self):
        e = self.both()
        while self.take('OR', '||'):
            e = ('or', e, self.both())
        return e

    def both(self):
        e = self.negated()
        while self.take('AND', '&&'):
            e = ('and', e, self.negated())
        return e

    def negated(self):
        if self.take('NOT'):
            return ('not', self.negated())
        return self.comparison()

    def comparison(self):
        e = self.sum()
        while True:
            op = self.take('=', '<', '>', '<=', '>=', '<>', '!=', '<=>')
            if op:
                e = ('cmp', '<>' if op == '!=' else op, e, self.sum())
                continue
            if self.take('IS'):
                negative = bool(self.take('NOT'))
                what = self.take('NULL', 'TRUE', 'FALSE')
                e = ('is', what, e)
                e = ('not', e) if negative else e
                continue
            negative = bool(self.take('NOT'))
            if self.take('IN'):
                self.need('(')
                items = [self.either()]
                while self.take(','):
                    items.append(self.either())
                self.need(')')
                n = ('in', e, items)
            elif self.take('LIKE'):
                n = ('like', e, self.sum())
            elif self.take('BETWEEN'):
                low = self.sum()
                self.need('AND')
                n = ('and', ('cmp', '>=', e, low), ('cmp', '<=', e, self.sum()))
            else:
                if negative:
                    raise ContractError('NOT')
                return e
            e = ('not', n) if negative else n

    def sum(self):
        e = self.product()
        while self.peek('+', '-'):
            op = self.take('+', '-')
            if self.take('INTERVAL'):
                amount = self.sum()
                e = ('shift', op, e, amount, self.t[self.at][1].upper())
                self.at += 1
            else:
                e = ('math', op, e, self.product())
        return e

    def product(self):
        e = self.unary()
        while self.peek('*', '/', '%', 'DIV', 'MOD'):
            op = self.take('*', '/', '%', 'DIV', 'MOD')
            e = ('math', '%' if op == 'MOD' else op, e, self.unary())
        return e

    def unary(self):
        if self.take('-'):
            return ('negative', self.unary())
        if self.take('+'):
            return self.unary()
        if self.take('!'):
            return ('not', self.unary())
        return self.primary()

    def primary(self):
        kind, t = self.t[self.at]
        self.at += 1
        if kind == 'string':
            return ('literal', text(t))
        if kind == 'number':
            return ('literal', Value('float', float(t)) if 'e' in t.lower() else dec(t))
        if kind == 'op' and t == '(':
            e = self.either()
            self.need(')')
            return e
        if kind == 'op' and t == '*':
            return ('literal', dec(1))
        if kind == 'key' and t in ('NULL', 'TRUE', 'FALSE'):
            return ('literal', {'NULL': None, 'TRUE': dec(1), 'FALSE': dec(0)}[t])
        if kind == 'key' and t == 'CASE':
            subject = None if self.peek('WHEN') else self.either()
            whens, other = [], ('literal', None)
            while self.take('WHEN'):
                w = self.either()
                self.need('THEN')
                whens.append((('cmp', '=', subject, w) if subject else w, self.either()))
            if self.take('ELSE'):
                other = self.either()
            self.need('END')
            return ('case', whens, other)
        if kind == 'key' and t == 'MOD' and self.take('('):
            a = self.either()
            self.need(',')
            b = self.either()
            self.need(')')
            return ('math', '%', a, b)
        if kind == 'name':
            if self.take('('):
                args = []
                if not self.peek(')'):
                    args.append(self.either())
                    while self.take(','):
                        args.append(self.either())
                self.need(')')
                return ('call', t.upper(), args)
            if self.take('.'):
                kind, column = self.t[self.at]
                self.at += 1
                return ('name', t, column)
            return ('name', None, t)
        raise ContractError('unexpected %r' % t)


def parse(s):
    return Parser(s).whole()


def parse_order(s):
    p = Parser(s)
    terms = []
    while True:
        e = p.either()
        terms.append((e, p.take('ASC', 'DESC') == 'DESC'))
        if not p.take(','):
            break
    if p.t[p.at][0] != 'end':
        raise ContractError('order_by %r' % s)
    return terms


class Scope:
    def __init__(self, names, default=None, other=None, relation=None):
        self.names, self.default, self.other, self.relation = names, default, other, relation

    def pair(self, qualifier):
        if qualifier is None:
            if self.default is None:
                raise ContractError('an unqualified name in a join condition')
            return self.default
        for n, p in self.names.items():
            if n.lower() == qualifier.lower():
                return p
        if self.other:
            return self.other
        raise ContractError('unknown qualifier %r' % qualifier)

    def lookup(self, qualifier, name):
        table, row = self.pair(qualifier)
        column = table.column(name)
        if column is None:
            raise ContractError('no column %r in %r' % (name, table.name))
        return table.types[column], (row[column] if row else None)

    def side(self, left):
        if not self.relation:
            return self
        name, target, source = self.relation
        return Scope(dict(self.names, **{name: target if left else source}), self.default,
                     self.other)


def truth(v):
    if v is None:
        return None
    return bool(number_of(v) != 0)


def boolean(b):
    return None if b is None else dec(int(b))


def numeric(v):
    """For arithmetic: Decimal or float."""
    if v.kind == 'dec':
        return v.v
    if v.kind == 'bit':
        return Decimal(v.v)
    if v.kind == 'float':
        return v.v
    if v.kind == 'text':
        return float(number_of(v))
    raise ContractError('arithmetic on %s' % v.kind)


def scale_of(d):
    return max(0, -d.as_tuple().exponent)


def round_half_away(d, scale):
    return d.quantize(Decimal(1).scaleb(-scale), rounding='ROUND_HALF_UP')


def divide(a, b, limit):
    """DECIMAL division: the servers compute in groups of nine digits, cut there, then round."""
    groups = lambda n: (n + 8) // 9
    f1, f2 = scale_of(a), scale_of(b)
    scale = min(f1 + 4, limit)
    g1, g2 = groups(f1) * 9, groups(f2) * 9
    more = max(0, 4 - (g1 - f1 + g2 - f2))
    digits = groups(g1 + g2 + more) * 9
    q = (a / b).quantize(Decimal(1).scaleb(-digits), rounding='ROUND_DOWN')
    return round_half_away(q, scale)


DECIMALS = 30  # MySQL's largest scale, MariaDB's of a column
HALF = {'even': False}  # how the server's HEX rounds: MySQL's halves to even


def arithmetic(op, a, b):
    if a is None or b is None:
        return None
    x, y = numeric(a), numeric(b)
    if isinstance(x, float) or isinstance(y, float):
        x, y = float(x), float(y)
        if op == '/' or op == '%':
            if y == 0:
                return None
            import math
            return Value('float', x / y if op == '/' else math.fmod(x, y))
        return Value('float', {'+': x + y, '-': x - y, '*': x * y}[op])
    if op in '/%' or op == 'DIV':
        if y == 0:
            return None
        if op == '/':
            return Value('dec', divide(x, y, DECIMALS))
        if op == 'DIV':
            return Value('dec', (x / y).to_integral_value(rounding='ROUND_DOWN'))
        return Value('dec', (x % y).quantize(Decimal(1).scaleb(-max(scale_of(x), scale_of(y)))))
    scale = max(scale_of(x), scale_of(y)) if op != '*' else \
        min(scale_of(x) + scale_of(y), DECIMALS)
    r = {'+': x + y, '-': x - y, '*': x * y}[op]
    return Value('dec', round_half_away(r, scale))


SECONDS = {'SECOND': 1, 'MINUTE': 60, 'HOUR': 3600, 'DAY': 86400, 'WEEK': 604800}
MONTHS = {'MONTH': 1, 'QUARTER': 3, 'YEAR': 12}


def month_length(y, m):
    return days_from_civil(y + m // 12, m % 12 + 1, 1) - days_from_civil(y, m, 1)


def shift(op, v, amount, unit):
    """A date and so many units more, or less."""
    if v is None or amount is None:
        return None
    n = int(numeric(amount)) * (-1 if op == '-' else 1)
    t = v.v if v.kind == 'datetime' else v.v + (0, 0, 0, 0)
    if unit in SECONDS:
        t = from_epoch_us(epoch_us(v) + n * SECONDS[unit] * 1000000)
    else:
        months = t[0] * 12 + t[1] - 1 + n * MONTHS[unit]
        y, m = months // 12, months % 12 + 1
        t = (y, m, min(t[2], month_length(y, m))) + t[3:]
    if not 1 <= t[0] <= 9999:
        return None
    if v.kind == 'date' and unit not in ('SECOND', 'MINUTE', 'HOUR'):
        return Value('date', t[:3])
    return Value('datetime', t, fsp=v.fsp, utc=v.utc)


def type_of(node, scope):
    """(kind, scale or fsp, utc, single) or None for NULL: what the server derives before any row."""
    what = node[0]
    if what == 'literal':
        v = node[1]
        if v is None:
            return None
        return (v.kind, scale_of(v.v) if v.kind == 'dec' else 0, False, False)
    if what == 'name':
        c, _ = scope.lookup(node[1], node[2])
        k = c.data_type
        if k in ('tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year'):
            return ('dec', c.scale if k == 'decimal' else 0, False, False)
        if k in ('float', 'double'):
            return ('float', 0, False, k == 'float')
        if k in ('datetime', 'timestamp'):
            return ('datetime', c.fsp, k == 'timestamp', False)
        if k in ('date', 'time', 'bit'):
            return (k, c.fsp, False, False)
        return ('text' if c.charset else 'bin', 0, False, False)
    if what in ('or', 'and', 'not', 'cmp', 'is', 'in', 'like'):
        return ('dec', 0, False, False)
    if what == 'negative':
        return type_of(node[1], scope)
    if what == 'math':
        a, b = type_of(node[2], scope), type_of(node[3], scope)
        if a is None or b is None:
            return ('dec', 0, False, False)
        if 'float' in (a[0], b[0]) or 'text' in (a[0], b[0]):
            return ('float', 0, False, False)
        s = {'+': max(a[1], b[1]), '-': max(a[1], b[1]), '%': max(a[1], b[1]), 'DIV': 0,
             '*': min(a[1] + b[1], DECIMALS),
             '/': min(a[1] + 4, DECIMALS)}[node[1]]
        return ('dec', s, False, False)
    if what == 'case':
        return common([type_of(t, scope) for _, t in node[1]] + [type_of(node[2], scope)])
    name, args = node[1], node[2]
    if name in ('COALESCE', 'IFNULL', 'GREATEST', 'LEAST'):
        return common([type_of(a, scope) for a in args])
    if name == 'IF':
        return common([type_of(a, scope) for a in args[1:]])
    if name == 'NULLIF':
        return type_of(args[0], scope)
    if name in ('LENGTH', 'CHAR_LENGTH', 'YEAR', 'MONTH', 'DAY', 'FLOOR', 'CEIL', 'CEILING'):
        return ('dec', 0, False, False)
    if name == 'ABS':
        return type_of(args[0], scope)
    if name == 'ROUND':
        t = type_of(args[0], scope)
        if t and t[0] == 'dec':
            n = int(args[1][1].v) if len(args) > 1 else 0
            return ('dec', min(t[1], max(n, 0)), False, False)
        return t
    if name == 'DATE':
        return ('date', 0, False, False)
    return ('text', 0, False, False)


def common(types):
    types = [t for t in types if t]
    if not types:
        return None
    kinds = {t[0] for t in types}
    if kinds == {'dec'}:
        return ('dec', max(t[1] for t in types), False, False)
    if kinds <= {'dec', 'float'}:
        return ('float', 0, False, all(t[3] for t in types) and kinds == {'float'})
    if len(kinds) == 1:
        kind = kinds.pop()
        return (kind, max(t[1] for t in types), all(t[2] for t in types), False)
    if kinds == {'date', 'datetime'}:
        return ('datetime', max(t[1] for t in types), False, False)
    return ('text', 0, False, False)


def coerce(v, t):
    if v is None or t is None:
        return v
    if t[0] == 'dec':
        return Value('dec', round_half_away(numeric(v), t[1]))
    if t[0] == 'float':
        return Value('float', float(numeric(v)), single=t[3])
    if t[0] == 'datetime':
        whole = v.v if v.kind == 'datetime' else v.v + (0, 0, 0, 0)
        return Value('datetime', whole, fsp=t[1], utc=t[2])
    if t[0] == 'time':
        return Value('time', v.v, fsp=t[1])
    if t[0] == 'text' and v.kind != 'text':
        return v if v.kind in ('json', 'bin') else text(server_text(v))
    if t[0] == 'text':
        return Value('text', v.v, collation=v.collation)
    return v


def like(s, pattern, collation):
    s, out, i = fold(s, collation), '', 0
    pattern = fold(pattern, collation)
    while i < len(pattern):
        c = pattern[i]
        if c == '\\' and i + 1 < len(pattern):
            i += 1
            out += re.escape(pattern[i])
        elif c in '%_':
            out += '.*' if c == '%' else '.'
        else:
            out += re.escape(c)
        i += 1
    return re.fullmatch(out, s, re.S) is not None


def evaluate(node, scope):
    what = node[0]
    if what == 'literal':
        return node[1]
    if what == 'name':
        return scope.lookup(node[1], node[2])[1]
    if what in ('and', 'or'):
        a, b = truth(evaluate(node[1], scope)), truth(evaluate(node[2], scope))
        decisive = what == 'or'
        if a is decisive or b is decisive:
            return boolean(decisive)
        return None if a is None or b is None else boolean(not decisive)
    if what == 'not':
        t = truth(evaluate(node[1], scope))
        return None if t is None else boolean(not t)
    if what == 'is':
        v = evaluate(node[2], scope)
        if node[1] == 'NULL':
            return boolean(v is None)
        return boolean(truth(v) is (node[1] == 'TRUE'))
    if what == 'cmp':
        op = node[1]
        a = evaluate(node[2], scope.side(True) if op == '=' else scope)
        b = evaluate(node[3], scope.side(False) if op == '=' else scope)
        if op == '<=>':
            return boolean(a is None and b is None if a is None or b is None else compare(a, b) == 0)
        r = compare(a, b)
        if r is None:
            return None
        return boolean({'=': r == 0, '<>': r != 0, '<': r < 0, '>': r > 0, '<=': r <= 0,
                        '>=': r >= 0}[op])
    if what == 'in':
        a = evaluate(node[1], scope)
        results = [compare(a, evaluate(x, scope)) for x in node[2]]
        if a is None:
            return None
        if 0 in results:
            return boolean(True)
        return None if None in results else boolean(False)
    if what == 'like':
        a, b = evaluate(node[1], scope), evaluate(node[2], scope)
        if a is None or b is None:
            return None
        return boolean(like(server_text(a), server_text(b), a.collation or b.collation))
    if what == 'negative':
        v = evaluate(node[1], scope)
        if v is None:
            return None
        x = numeric(v)
        return Value('float', -x) if isinstance(x, float) else Value('dec', -x)
    if what == 'math':
        return arithmetic(node[1], evaluate(node[2], scope), evaluate(node[3], scope))
    if what == 'shift':
        v = shift(node[1], evaluate(node[2], scope), evaluate(node[3], scope), node[4])
        if v is not None:
            v.utc = False  # a DATETIME
        return v
    if what == 'case':
        t = type_of(node, scope)
        for when, then in node[1]:
            if truth(evaluate(when, scope)):
                return coerce(evaluate(then, scope), t)
        return coerce(evaluate(node[2], scope), t)
    return call(node, scope)


def lower(s):
    return ''.join(c.lower() if len(c.lower()) == 1 else c for c in s)


def upper(s):
    return ''.join(c.upper() if len(c.upper()) == 1 else c for c in s)


def call(node, scope):
    name, args = node[1], node[2]
    v = [evaluate(a, scope) for a in args]
    if name in ('COALESCE', 'IFNULL'):
        t = type_of(node, scope)
        return coerce(next((x for x in v if x is not None), None), t)
    if name == 'IF':
        return coerce(v[1] if truth(v[0]) else v[2], type_of(node, scope))
    if name == 'NULLIF':
        return None if compare(v[0], v[1]) == 0 else v[0]
    if name == 'CONCAT_WS':
        return None if v[0] is None else text(
            server_text(v[0]).join(server_text(x) for x in v[1:] if x is not None))
    if any(x is None for x in v):
        return None
    if name in ('GREATEST', 'LEAST'):
        best = v[0]
        for x in v[1:]:
            if compare(x, best) == (1 if name == 'GREATEST' else -1):
                best = x
        return coerce(best, type_of(node, scope))
    if name == 'ABS':
        x = numeric(v[0])
        return Value('float' if isinstance(x, float) else 'dec', abs(x))
    if name in ('FLOOR', 'CEIL', 'CEILING'):
        return Value('dec', v[0].v.to_integral_value(
            rounding='ROUND_FLOOR' if name == 'FLOOR' else 'ROUND_CEILING'))
    if name == 'ROUND':
        t = type_of(node, scope)
        return Value('dec', round_half_away(v[0].v, t[1]))
    if name in ('YEAR', 'MONTH', 'DAY'):
        return dec(v[0].v[('YEAR', 'MONTH', 'DAY').index(name)])
    if name == 'DATE':
        return Value('date', v[0].v[:3])
    s = [server_text(x) for x in v]
    if name == 'CONCAT':
        return text(''.join(s))
    if name in ('LOWER', 'LCASE'):
        return text(lower(s[0]), v[0].collation)
    if name in ('UPPER', 'UCASE'):
        return text(upper(s[0]), v[0].collation)
    if name == 'TRIM':
        return text(s[0].strip(' '), v[0].collation)
    if name == 'LTRIM':
        return text(s[0].lstrip(' '), v[0].collation)
    if name == 'RTRIM':
        return text(s[0].rstrip(' '), v[0].collation)
    if name == 'CHAR_LENGTH':
        return dec(len(s[0]))
    if name == 'REPLACE':
        return text(s[0].replace(s[1], s[2]) if s[1] else s[0])
    if name == 'LEFT':
        return text(s[0][:max(0, int(v[1].v))])
    if name == 'RIGHT':
        n = int(v[1].v)
        return text(s[0][-n:] if n > 0 else '')
    if name in ('LPAD', 'RPAD'):
        width, pad = int(v[1].v), s[2]
        fill = (pad * width)[:max(0, width - len(s[0]))]
        return text((fill + s[0] if name == 'LPAD' else s[0] + fill)[:width])
    if name in ('SUBSTRING', 'SUBSTR'):
        start = int(v[1].v)
        if start == 0:
            return text('')
        start = start - 1 if start > 0 else len(s[0]) + start
        if start < 0:
            return text('')
        end = start + int(v[2].v) if len(v) > 2 else len(s[0])
        return text(s[0][start:max(start, end)])
    raise ContractError('function %s' % name)
