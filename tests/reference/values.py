"""SQL values as the reference evaluator holds them, and their text forms.

None is SQL NULL. Everything else is a Value with a kind:
  dec       v = Decimal, its exponent is the column's scale; text = zero-filled form or None
  float     v = float; single = True for FLOAT
  bit       v = int, bits = width
  text      v = str; collation, raw (bytes as stored), index (of an ENUM), is_set
  bin       v = bytes
  date      v = (year, month, day)
  datetime  v = (year, month, day, hour, minute, second, microsecond); fsp; utc (TIMESTAMP)
  time      v = microseconds, signed; fsp
  json      v = str, the document's text
  spatial   v = str, well-known text; raw = bytes as stored
  list      v = list of str (made by 'split')
  static    v = a value of the contract's JSON
"""
import decimal
import re
import struct
import unicodedata
from decimal import Decimal

decimal.getcontext().prec = 400


class Reject(Exception):
    def __init__(self, code, why=''):
        super().__init__(code, why)
        self.code = code


class ContractError(Exception):
    pass


class Value:
    def __init__(self, kind, v, **more):
        self.kind, self.v = kind, v
        self.fsp = more.pop('fsp', 0)
        self.utc = more.pop('utc', False)
        self.single = more.pop('single', False)
        self.text = more.pop('text', None)
        self.collation = more.pop('collation', None)
        self.raw = more.pop('raw', None)
        self.index = more.pop('index', None)
        self.is_set = more.pop('is_set', False)
        self.bits = more.pop('bits', 0)
        assert not more, more

    def __repr__(self):
        return '<%s %r>' % (self.kind, self.v)


def dec(x):
    return Value('dec', Decimal(x))


def text(s, collation=None):
    return Value('text', s, collation=collation)


def plain(d):
    """A Decimal without exponent, with all its decimals."""
    s = format(d, 'f')
    return s[1:] if d.is_zero() and s.startswith('-') else s


def shortest(x, single):
    """The shortest decimal that reads back as the same float, as a Decimal."""
    if not single:
        return Decimal(repr(x))
    for digits in range(1, 10):
        s = '%.*g' % (digits, x)
        try:
            if struct.pack('<f', float(s)) == struct.pack('<f', x):
                return Decimal(s)
        except OverflowError:
            continue  # rounded up beyond the largest FLOAT
    raise AssertionError(x)


def float_text(x, single):
    """Plain notation while the exponent is small, as the servers print a DOUBLE."""
    d = shortest(x, single)
    if d.is_zero():
        return '-0' if str(d).startswith('-') else '0'
    digits = ''.join(map(str, d.normalize().as_tuple().digits))
    exponent = d.adjusted()
    if -15 <= exponent < 15:
        return plain(d.normalize())
    mantissa = digits[0] + ('.' + digits[1:] if len(digits) > 1 else '')
    return '%s%se%d' % ('-' if d < 0 else '', mantissa, exponent)


def fraction(us, fsp):
    return '.' + ('%06d' % us)[:fsp] if fsp else ''


def is_zero_date(v):
    return v is not None and v.kind in ('date', 'datetime') and (v.v[1] == 0 or v.v[2] == 0)


def days_from_civil(y, m, d):
    y -= m <= 2
    era = y // 400
    yoe = y - era * 400
    doy = (153 * (m + (-3 if m > 2 else 9)) + 2) // 5 + d - 1
    return era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719468


def civil_from_days(z):
    z += 719468
    era = z // 146097
    doe = z - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    m = mp + 3 if mp < 10 else mp - 9
    return yoe + era * 400 + (m <= 2), m, doy - (153 * mp + 2) // 5 + 1


def epoch_us(v):
    t = v.v if v.kind == 'datetime' else v.v + (0, 0, 0, 0)
    return ((days_from_civil(*t[:3]) * 86400 + t[3] * 3600 + t[4] * 60 + t[5]) * 1000000 + t[6])


def from_epoch_us(us):
    seconds, micro = divmod(us, 1000000)
    days, seconds = divmod(seconds, 86400)
    return civil_from_days(days) + (seconds // 3600, seconds // 60 % 60, seconds % 60, micro)


def server_date_text(v):
    """A date or time as the server prints it."""
    if v.kind == 'date':
        return '%04d-%02d-%02d' % v.v
    if v.kind == 'datetime':
        return '%04d-%02d-%02d %02d:%02d:%02d' % v.v[:6] + fraction(v.v[6], v.fsp)
    us = abs(v.v)
    s = us // 1000000
    return '%s%02d:%02d:%02d' % ('-' if v.v < 0 else '', s // 3600, s // 60 % 60, s % 60) + \
        fraction(us % 1000000, v.fsp)


def date_text(v, defaults):
    """As section 6 has it; v is no zero date, or 'keep' holds."""
    form = defaults['datetime_format']
    if v.kind != 'datetime' or form == 'mysql':
        return server_date_text(v)
    if form in ('iso8601', 'iso8601-ms'):
        head = '%04d-%02d-%02dT%02d:%02d:%02d' % v.v[:6]
        if form == 'iso8601-ms':
            return head + '.%03dZ' % (v.v[6] // 1000)
        return head + fraction(v.v[6], v.fsp) + ('Z' if v.utc else '')
    if is_zero_date(v):  # no moment: no number of seconds
        return server_date_text(v)
    us = epoch_us(v)
    return str(us // 1000000 if form == 'epoch' else us // 1000)


def apply_zero_dates(v, defaults):
    """NULL, a reject or the value itself, by the policy."""
    if is_zero_date(v):
        if defaults['zero_dates'] == 'null':
            return None
        if defaults['zero_dates'] == 'reject':
            raise Reject('ZERO_DATE')
    return v


def s_text(v, defaults):
    """What type S holds, or None for NULL."""
    v = apply_zero_dates(v, defaults)
    if v is None:
        return None
    if v.kind == 'dec':
        return plain(v.v)
    if v.kind == 'float':
        return float_text(v.v, v.single)
    if v.kind == 'bit':
        return str(v.v)
    if v.kind == 'bin':
        try:
            return v.v.decode('utf-8')
        except UnicodeDecodeError:
            raise Reject('NOT_TEXT')
    if v.kind in ('date', 'datetime', 'time'):
        return date_text(v, defaults)
    if v.kind == 'static':
        if isinstance(v.v, bool):
            return 'true' if v.v else 'false'
        return str(v.v)
    return v.v


def server_text(v):
    """As the server's CONCAT and CAST AS CHAR have it."""
    if v.kind in ('date', 'datetime', 'time'):
        return server_date_text(v)
    if v.kind == 'bin':
        return v.v.decode('utf-8')
    if v.kind == 'bit':
        return v.v.to_bytes((v.bits + 7) // 8, 'big').decode('utf-8')
    if v.kind == 'dec' and v.text is not None:
        return v.text
    return s_text(v, {'zero_dates': 'keep', 'datetime_format': 'mysql'})


# ---- collations

def pads(collation):
    if collation is None:
        return True
    return not ('0900' in collation or 'nopad' in collation or collation == 'binary')


def fold(s, collation):
    if collation is not None and (collation.endswith('_bin') or collation == 'binary'):
        return s
    if collation and '_as_cs' in collation:
        return s
    if collation and 'general_ci' in collation:
        s = ''.join(c if ord(c) < 0x10000 else '\ufffd' for c in s)
    out = []
    for c in s:
        if not (collation and '_as_' in collation):
            c = ''.join(x for x in unicodedata.normalize('NFD', c)
                        if unicodedata.category(x) != 'Mn') or c
        u = c.upper()
        out.append(u if len(u) == 1 else c)
    return ''.join(out)


def text_compare(a, b, collation):
    a, b = fold(a, collation), fold(b, collation)
    if pads(collation):
        width = max(len(a), len(b))
        a, b = a.ljust(width), b.ljust(width)
    return (a > b) - (a < b)


def number_of(v):
    """The double that MySQL makes of a value in a numeric comparison."""
    if v.kind == 'dec':
        return v.v
    if v.kind == 'bit':
        return Decimal(v.v)
    if v.index is not None:
        return Decimal(v.index)
    if v.kind == 'float':
        return v.v
    if v.kind in ('date', 'datetime'):
        t = v.v if v.kind == 'datetime' else v.v
        return Decimal(''.join('%02d' % x for x in t[:6]))
    s = (v.v.decode('latin-1') if v.kind == 'bin' else v.v).strip()
    m = re.match(r'[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?', s)
    return float(m.group(0)) if m else 0.0


def parse_date_text(s):
    m = re.fullmatch(r'(\d{4})-(\d\d?)-(\d\d?)(?:[ T](\d\d?):(\d\d?)(?::(\d\d?)(?:\.(\d{1,6}))?)?)?',
                     s.strip())
    if not m:
        raise ContractError('a date text the evaluator does not read: %r' % s)
    g = m.groups()
    return tuple(int(x or 0) for x in g[:6]) + (int((g[6] or '0').ljust(6, '0')),)


def parse_time_text(s):
    m = re.fullmatch(r'(-?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?', s)
    us = (int(m[2]) * 3600 + int(m[3]) * 60 + int(m[4])) * 1000000 + int((m[5] or '').ljust(6, '0'))
    return -us if m[1] else us


def compare(a, b):
    """-1, 0, 1, or None where one is NULL."""
    if a is None or b is None:
        return None
    strings = ('text', 'bin', 'json')
    dates = ('date', 'datetime')
    if a.kind in dates or b.kind in dates:
        def moment(x):
            if x.kind in dates:
                return x.v if x.kind == 'datetime' else x.v + (0, 0, 0, 0)
            if x.kind == 'text':
                return parse_date_text(x.v)
            raise ContractError('a date is compared with %s' % x.kind)
        x, y = moment(a), moment(b)
    elif a.kind == 'time' or b.kind == 'time':
        x, y = [t.v if t.kind == 'time' else parse_time_text(t.v) for t in (a, b)]
    elif a.kind in strings and b.kind in strings:
        if a.kind == 'bin' or b.kind == 'bin':
            x, y = [t.v if t.kind == 'bin' else t.v.encode('utf-8') for t in (a, b)]
        else:
            return text_compare(a.v, b.v, a.collation or b.collation)
    else:
        x, y = number_of(a), number_of(b)
        if isinstance(x, float) or isinstance(y, float):
            x, y = float(x), float(y)
    return (x > y) - (x < y)


def order_compare(a, b):
    """As ORDER BY: NULLs first, an ENUM by its index, a SET by its bits."""
    if a is None or b is None:
        return (a is not None) - (b is not None)
    if a.index is not None and b.index is not None:
        return (a.index > b.index) - (a.index < b.index)
    return compare(a, b)
