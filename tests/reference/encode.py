"""A value becomes DynamoDB JSON of the attribute's type (section 5), exactly or not at all."""
import base64
import json
import re
from decimal import Decimal

from values import Reject, apply_zero_dates, epoch_us, is_zero_date, plain, s_text, shortest

NUMBER = re.compile(r'[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?', re.A)
MAX_NESTING = 31


class Num(str):
    """A number of a JSON text, as it stands there. Those of a contract are read as this too."""


class Pairs(list):
    """An object's members in their order, doubles and all."""


def canonical(s):
    """DynamoDB's own plain form of a decimal text."""
    if not NUMBER.fullmatch(s):
        raise Reject('NOT_NUMBER', s)
    mantissa, _, exponent = s.lower().partition('e')
    digits = mantissa.replace('.', '').lstrip('+-0').rstrip('0')
    if not digits:
        return '0'
    if len(exponent) > 8:
        raise Reject('NUMBER_RANGE', s)
    d = Decimal(s)
    if len(digits) > 38 or d.adjusted() > 125 or d.adjusted() < -130:
        raise Reject('NUMBER_RANGE', s)
    return plain(d.normalize())


def parse_json(s):
    def bad(c):
        raise ValueError(c)
    try:
        return json.loads(s, parse_int=Num, parse_float=Num, parse_constant=bad,
                          object_pairs_hook=Pairs)
    except ValueError:
        raise Reject('NOT_JSON')


def utf8(s):
    try:
        s.encode('utf-8')
    except UnicodeEncodeError:
        raise Reject('NOT_TEXT', 'lone surrogate')
    return s


ESCAPES = {'"': '\\"', '\\': '\\\\', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t'}


def json_string(s):
    return '"' + ''.join(ESCAPES.get(c) or ('\\u%04x' % ord(c) if c < ' ' else c) for c in s) + '"'


def json_compact(x):
    """A parsed document as text again: compact, its numbers and the order of keys as they were."""
    if isinstance(x, Num):
        return str(x)
    if isinstance(x, str):
        return json_string(utf8(x))
    if x is None or isinstance(x, bool):
        return {None: 'null', True: 'true', False: 'false'}[x]
    if isinstance(x, Pairs):
        return '{' + ','.join(json_string(k) + ':' + json_compact(v) for k, v in x) + '}'
    return '[' + ','.join(json_compact(v) for v in x) + ']'


def json_value(v, defaults):
    """A value inside constructed JSON, as JSON text."""
    v = apply_zero_dates(v, defaults)
    if v is None:
        return 'null'
    if v.kind == 'dec':
        return plain(v.v)
    if v.kind == 'bit':
        return str(v.v)
    if v.kind == 'float':
        return s_text(v, defaults)
    if v.kind == 'bin':
        return json_string(base64.b64encode(v.v).decode())
    if v.kind == 'json':
        return json_compact(parse_json(v.v))
    return json_string(s_text(v, defaults))


def document(x, depth=0):
    """Parsed JSON as a DynamoDB value."""
    if isinstance(x, Num):
        return {'N': canonical(x)}
    if isinstance(x, bool):
        return {'BOOL': x}
    if x is None:
        return {'NULL': True}
    if isinstance(x, str):
        return {'S': utf8(x)}
    if depth + 1 > MAX_NESTING:
        raise Reject('NESTING')
    if isinstance(x, Pairs):
        out = {}
        for k, v in x:
            if k == '' or len(utf8(k).encode()) > 65535:
                raise Reject('ATTRIBUTE_NAME')
            out[k] = document(v, depth + 1)
        return {'M': out}
    return {'L': [document(v, depth + 1) for v in x]}


def static_json(v):
    if isinstance(v, dict):
        return Pairs((k, static_json(x)) for k, x in v.items())
    if isinstance(v, list):
        return [static_json(x) for x in v]
    return Num(v) if isinstance(v, (int, float)) and not isinstance(v, bool) else v


def number(v, defaults):
    if v.kind == 'float':
        return canonical(str(shortest(v.v, v.single)))
    if v.kind in ('date', 'datetime'):
        if is_zero_date(v):  # kept, and a number it is not
            raise Reject('NOT_NUMBER')
        us = epoch_us(v)
        return canonical('%s%d.%06d' % ('-' if us < 0 else '', abs(us) // 1000000,
                                        abs(us) % 1000000))
    if v.kind in ('dec', 'bit'):
        return canonical(str(v.v))
    if v.kind == 'json' and v.fsp == 'parsed':
        x = parse_json(v.v)
        if x is None:
            return None
        if not isinstance(x, (Num, str)):
            raise Reject('NOT_NUMBER')
        return canonical(x)
    if v.kind == 'bin':
        return canonical(v.v.decode('latin-1'))
    return canonical(s_text(v, defaults))


def truth(v, defaults):
    if v.kind == 'static' and isinstance(v.v, bool):
        return v.v
    if v.kind in ('dec', 'bit', 'float'):
        if v.v in (0, 1):
            return v.v == 1
        raise Reject('NOT_BOOL')
    if v.kind == 'json' and v.fsp == 'parsed':
        x = parse_json(v.v)
        if isinstance(x, bool) or x is None:
            return x
        s = str(x)
    elif v.kind == 'bin':  # a byte 0 or 1 counts as it does in a BIT(1)
        s = {b'\0': '0', b'\1': '1'}.get(v.v) or v.v.decode('latin-1')
    else:
        s = s_text(v, defaults)
    s = s.lower()
    if s in ('1', 'true', 'yes', 't', 'y'):
        return True
    if s in ('0', 'false', 'no', 'f', 'n'):
        return False
    raise Reject('NOT_BOOL')


def members(v, defaults):
    """Of a set; None for NULL."""
    if v.kind == 'list':
        return v.v
    if v.is_set:
        return v.v.split(',') if v.v else []
    if v.kind == 'static':
        x = static_json(v.v)
    else:
        try:
            x = parse_json(s_text(v, defaults))
        except Reject:
            raise Reject('NOT_JSON')
    if x is None:
        return None
    if not isinstance(x, list) or isinstance(x, Pairs):
        raise Reject('NOT_JSON')
    return [m for m in x if m is not None]


def member(kind, m, of_json):
    """Binary stands in JSON as base64 text."""
    if isinstance(m, (bool, list)):
        raise Reject('NOT_JSON')
    if kind == 'NS':
        return canonical(str(m))
    if kind == 'SS':
        return utf8(str(m))
    if not of_json:
        return base64.b64encode(utf8(m).encode()).decode()
    try:
        return base64.b64encode(base64.b64decode(m, validate=True)).decode()
    except ValueError:
        raise Reject('NOT_JSON')


def is_null(kind, v, defaults):
    """SQL NULL, or a JSON null where a value was asked for."""
    if v is None or kind not in ('SS', 'NS', 'BS'):
        return v is None or (v.kind == 'json' and v.fsp == 'parsed' and parse_json(v.v) is None)
    return members(v, defaults) is None


def encode(kind, v, defaults):
    """The attribute's DynamoDB JSON; None leaves it out (NULL or an empty set)."""
    v = apply_zero_dates(v, defaults)
    if v is None:
        return None
    if kind == 'NULL':
        return {'NULL': True}
    if kind == 'S':
        if v.kind == 'json' and v.fsp == 'parsed':
            x = parse_json(v.v)
            if x is None:
                return None
            return {'S': utf8(x) if isinstance(x, str) and not isinstance(x, Num)
                    else json_compact(x)}
        s = s_text(v, defaults)
        return {'S': utf8(s)}
    if kind == 'N':
        n = number(v, defaults)
        return None if n is None else {'N': n}
    if kind == 'B':
        if v.kind == 'json' and v.fsp == 'parsed':
            x = parse_json(v.v)
            if x is None:
                return None
            raw = (utf8(x) if isinstance(x, str) else json_compact(x)).encode()
        elif v.kind == 'bin':
            raw = v.v
        elif v.kind == 'bit':
            raw = v.v.to_bytes((v.bits + 7) // 8, 'big')
        else:
            raw = v.raw if v.raw is not None else s_text(v, defaults).encode()
        return {'B': base64.b64encode(raw).decode()}
    if kind == 'BOOL':
        b = truth(v, defaults)
        return None if b is None else {'BOOL': b}
    if kind in ('M', 'L'):
        if v.kind == 'list':
            x = list(v.v)
        elif v.kind == 'static':
            x = static_json(v.v)
        else:
            if v.kind not in ('text', 'json', 'bin'):
                raise Reject('NOT_JSON')
            try:
                x = parse_json(s_text(v, defaults))
            except Reject:
                raise Reject('NOT_JSON')
        if not isinstance(x, list) or (kind == 'M') != isinstance(x, Pairs):
            raise Reject('NOT_JSON')
        return document(x)
    got = members(v, defaults)
    of_json = v.kind != 'list' and not v.is_set
    return {kind: sorted({member(kind, m, of_json) for m in got})} if got else None


def number_size(s):
    """1, and a byte for each pair of digits at the decimal point, and one for the sign."""
    negative, s = s.startswith('-'), s.lstrip('-')
    if s == '0':
        return 1
    whole, _, part = s.partition('.')
    whole = whole.lstrip('0')
    whole = whole.rjust((len(whole) + 1) // 2 * 2, '0')
    part = part.rstrip('0')
    part = part.ljust((len(part) + 1) // 2 * 2, '0')
    pairs = [(whole + part)[i:i + 2] for i in range(0, len(whole + part), 2)]
    while pairs and pairs[0] == '00':
        pairs.pop(0)
    while pairs and pairs[-1] == '00':
        pairs.pop()
    return 1 + len(pairs) + negative


def size(a):
    (kind, v), = a.items()
    if kind == 'S':
        return len(v.encode())
    if kind == 'N':
        return number_size(v)
    if kind == 'B':
        return len(base64.b64decode(v))
    if kind in ('BOOL', 'NULL'):
        return 1
    if kind == 'L':
        return 3 + sum(1 + size(x) for x in v)
    if kind == 'M':
        return 3 + sum(1 + len(k.encode()) + size(x) for k, x in v.items())
    return sum(size({kind[0]: x}) for x in v)


def item_size(item):
    return sum(len(k.encode()) + size(v) for k, v in item.items())


def normal(a):
    """Of an item or attribute as DynamoDB gives it back."""
    (kind, v), = a.items()
    if kind == 'N':
        return {'N': canonical(v)}
    if kind == 'NS':
        return {'NS': sorted(canonical(x) for x in v)}
    if kind in ('SS', 'BS'):
        return {kind: sorted(v)}
    if kind == 'L':
        return {'L': [normal(x) for x in v]}
    if kind == 'M':
        return {'M': {k: normal(x) for k, x in v.items()}}
    return {kind: v}
