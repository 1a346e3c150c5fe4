/*
 * Can two rows have one key? Often it can be shown that they cannot: if the texts of the keys give
 * back the values they were made of, and those values are a unique key of the source table, two
 * rows of an entity differ; if the literals of two entities' keys differ where they must meet,
 * so do they. What cannot be shown is counted before a load.
 *
 * A unique key under any collation proves the bytes unique: equal bytes are equal under every
 * collation.
 */
#include "plan/plan_priv.h"

/* Can the first character of 'literal' stand in a text of this alphabet? */
static bool in_alphabet(unsigned alphabet, unsigned char c)
{
	if (alphabet & ALPHA_ANY)
		return true;
	if (c >= '0' && c <= '9')
		return alphabet & (ALPHA_DIGITS | ALPHA_HEX | ALPHA_DATE);
	if (c == '-')
		return alphabet & ALPHA_MINUS;
	if (c == '.')
		return alphabet & ALPHA_POINT;
	if (c >= 'a' && c <= 'f')
		return alphabet & ALPHA_HEX;
	return (alphabet & ALPHA_DATE) && (c == 'T' || c == ':' || c == ' ' || c == 'Z');
}

struct known {
	size_t n;
	const struct cat_column *columns[64];
};

static void learn(struct known *k, const struct key_part *part)
{
	for (size_t i = 0; i < part->ndetermined && k->n < 64; i++)
		k->columns[k->n++] = part->determined[i];
}

/*
 * What a text gives back: values are read from the left as long as the literal after each cannot
 * stand in it, and from the right likewise; what is left in the middle, if it is one value, is
 * given back too.
 */
static void decode(const struct sval *v, struct known *k)
{
	size_t lo = 0, hi = v->parts ? v->nparts : 0;

	while (lo < hi) {
		const struct key_part *part = &v->parts[lo];
		if (part->literal.ptr) {
			lo++;
			continue;
		}
		if (lo + 1 < hi && !(v->parts[lo + 1].literal.ptr && v->parts[lo + 1].literal.len &&
				     !in_alphabet(part->alphabet,
						  (unsigned char)v->parts[lo + 1].literal.ptr[0])))
			break;
		learn(k, part);
		lo++;
	}
	while (lo < hi) {
		const struct key_part *part = &v->parts[hi - 1];
		if (part->literal.ptr) {
			hi--;
			continue;
		}
		if (hi - 1 > lo) {
			const struct key_part *before = &v->parts[hi - 2];
			if (!before->literal.ptr || !before->literal.len ||
			    in_alphabet(part->alphabet, (unsigned char)
					before->literal.ptr[before->literal.len - 1]))
				break;
		}
		learn(k, part);
		hi--;
	}
}

static const struct cat_key *proven_by(const struct cat_table *t, const struct known *k)
{
	for (size_t i = 0; i < t->nkeys; i++) {
		const struct cat_key *key = &t->keys[i];
		bool all = key->unique && !key->prefixed;
		for (size_t c = 0; all && c < key->ncolumns; c++) {
			bool have = false;
			for (size_t j = 0; j < k->n; j++)
				have |= k->columns[j] == key->columns[c];
			all = have;
		}
		if (all)
			return key;
	}
	return NULL;
}

/* The literal at the begin (or end) of a text, and whether it is all of it. */
static struct str edge(const struct sval *v, bool begin, bool *whole)
{
	*whole = false;
	if (!v->parts || !v->nparts)
		return STR("");
	const struct key_part *part = &v->parts[begin ? 0 : v->nparts - 1];
	if (!part->literal.ptr)
		return STR("");
	*whole = v->nparts == 1;
	return part->literal;
}

static bool texts_differ(const struct sval *a, const struct sval *b)
{
	bool wa, wb;
	struct str x = edge(a, true, &wa), y = edge(b, true, &wb);
	size_t n = x.len < y.len ? x.len : y.len;

	if (n && memcmp(x.ptr, y.ptr, n))
		return true;
	if ((wa && wb && x.len != y.len) || (wa && x.len < y.len) || (wb && y.len < x.len))
		return true;
	x = edge(a, false, &wa);
	y = edge(b, false, &wb);
	n = x.len < y.len ? x.len : y.len;
	return n && memcmp(x.ptr + x.len - n, y.ptr + y.len - n, n);
}

void prove_keys(struct plan_ctx *p, struct plan_table *t, const struct key_column *pks,
		const struct key_column *sks, const struct cat_table *const *sources)
{
	struct buf why = { 0 };
	bool all = true;

	for (size_t i = 0; i < t->nentities; i++) {
		struct known k = { 0 };
		decode(&pks[i].value, &k);
		if (sks[i].name)
			decode(&sks[i].value, &k);
		const struct cat_key *key = proven_by(sources[i], &k);
		t->entities[i].source.keys_proven_unique = key != NULL;
		if (key)
			buf_addf(&why, "%s%s by key '%s' of '%s'", why.len ? ", " : "",
				 t->entities[i].shape.entity, key->name, sources[i]->name);
		else if (all) {
			buf_reset(&why);
			buf_addf(&why, "the keys of '%s' do not give back a unique key of '%s'",
				 t->entities[i].shape.entity, sources[i]->name);
		}
		all &= key != NULL;
		if (!all)
			break;
	}
	for (size_t i = 0; all && i < t->nentities; i++)
		for (size_t j = i + 1; all && j < t->nentities; j++)
			if (!texts_differ(&pks[i].value, &pks[j].value) &&
			    !(sks[i].name && texts_differ(&sks[i].value, &sks[j].value))) {
				buf_reset(&why);
				buf_addf(&why, "a key of '%s' could be one of '%s'",
					 t->entities[i].shape.entity, t->entities[j].shape.entity);
				all = false;
			}
	t->keys_proven_unique = all;
	t->keys_proof = arena_strndup(p->arena, why.len ? why.ptr : "", why.len);
	buf_release(&why);
}
