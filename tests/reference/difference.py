"""Expected against found, completely."""
import json

from values import server_text


def show(x):
    s = json.dumps(x, ensure_ascii=False, sort_keys=True)
    return s if len(s) < 700 else s[:700] + '... (%d)' % len(s)


def key_text(source_key):
    out = {}
    for c, v in source_key.items():
        if v is None:
            out[c] = None
        elif v.kind in ('bin', 'bit'):
            out[c] = (v.v if v.kind == 'bin' else v.v.to_bytes((v.bits + 7) // 8, 'big')).hex()
        else:
            out[c] = server_text(v)
    return out


def plain_key(k):
    return {c: v.get('hex') if isinstance(v, dict) else v for c, v in k.items()}


def in_index(item, index, keys):
    """What an index holds of an item, or None."""
    own = [k for k in (index['pk'], index.get('sk')) if k]
    if any(k not in item for k in own):
        return None
    projection = index.get('projection') or 'ALL'
    if projection == 'ALL':
        return item
    kept = own + keys + (index.get('projected_attributes', []) if projection == 'INCLUDE' else [])
    return {k: v for k, v in item.items() if k in kept}


def index_differences(table, keys, items, found):
    out = []
    for g in table.get('gsis') or ():
        got = found['indexes'].get((table['table'], g['index_name']))
        expected = [x for x in (in_index(i, g, keys) for i in items) if x is not None]
        a, b = [sorted(json.dumps(i, sort_keys=True) for i in x) for x in (expected, got or [])]
        for i in sorted(set(a) ^ set(b)):
            out.append('%s, index %s: an entry %s: %s' % (
                table['table'], g['index_name'], 'is missing' if i in a else 'too many', i[:700]))
        if len(a) != len(b):
            out.append('%s, index %s: %d entries, expected %d' % (
                table['table'], g['index_name'], len(b), len(a)))
    return out


def differences(contract, expected, found):
    """Lines of text, each one disagreement; none if both sides are the same."""
    out = []
    tables = contract['tables'] if isinstance(contract, dict) else contract
    for t in tables:
        name = t['table']
        if found['items'].get(name) is None:
            out.append('table %s: not there' % name)
            continue
        keys = [k for k in (t.get('pk', 'PK'), t.get('sk', 'SK' if 'entities' in t else None)) if k]

        def by(item):
            return json.dumps([item.get(k) for k in keys], sort_keys=True)
        rows = {}
        for table, entity, source_key, item, codes in expected:
            if table == name and item is not None:
                rows[by(item)] = (entity, source_key, item)
        got = {by(i): i for i in found['items'][name]}
        for k, (entity, source_key, item) in rows.items():
            where = '%s/%s %s' % (name, entity, show(key_text(source_key)))
            if k not in got:
                out.append('%s: item is missing: %s' % (where, show(item)))
                continue
            for a in sorted(set(item) | set(got[k])):
                if item.get(a) != got[k].get(a):
                    out.append('%s: attribute %s\n    expected %s\n    found    %s' % (
                        where, a, show(item.get(a)), show(got[k].get(a))))
        for k in got:
            if k not in rows:
                out.append('%s: item that no row explains: %s' % (name, show(got[k])))
        out += index_differences(t, keys, [item for _, _, item in rows.values()], found)
    rejects = {}
    for r in found['rejects']:
        rejects.setdefault((r['table'], r['entity'], show(plain_key(r['source_key']))), []).append(r)
    for table, entity, source_key, item, codes in expected:
        k = (table, entity, show(key_text(source_key)))
        r = rejects.pop(k, [])
        if codes and not r:
            out.append('%s/%s %s: expected a reject %s, found none' % (k + (codes,)))
        elif r and not codes:
            out.append('%s/%s %s: expected an item, found reject %s: %s' % (
                k + (r[0]['code'], r[0]['reason'])))
        elif r and r[0]['code'] not in codes:
            out.append('%s/%s %s: expected reject %s, found %s: %s' % (
                k + (codes, r[0]['code'], r[0]['reason'])))
        if len(r) > 1:
            out.append('%s/%s %s: %d rejects of one row' % (k + (len(r),)))
    for k, r in rejects.items():
        out.append('%s/%s %s: a reject of no row: %s' % (k + (r[0]['code'],)))
    any_reject = any(codes for *_, codes in expected)
    if found['status'] != (3 if any_reject else 0) and expected:
        out.append('exit status %s, expected %d: %s' % (found['status'], 3 if any_reject else 0,
                                                        found['stderr'][-600:]))
    return out
