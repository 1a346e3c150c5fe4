#include "verify/known.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/json.h"

struct known *known_new(void)
{
	struct known *k = mem_zalloc(sizeof(*k));

	for (size_t i = 0; i <= KNOWN_MAX; i++)
		memset(k->at[i].after, KNOWN_NONE, sizeof(k->at[i].after));
	return k;
}

void known_free(struct known *k)
{
	if (!k)
		return;
	for (unsigned i = 0; i < k->n; i++) {
		buf_release(&k->at[i].text);
		buf_release(&k->at[i].head);
	}
	free(k);
}

static bool begins(const char *p, const char *end, struct str with)
{
	return (size_t)(end - p) >= with.len && memcmp(p, with.ptr, with.len) == 0;
}

static struct str name_of(const struct known_attribute *a)
{
	return (struct str){ a->text.ptr + 1, a->name_len };
}

static int order(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = n ? memcmp(a.ptr, b.ptr, n) : 0;

	return d ? d : (a.len > b.len) - (a.len < b.len);
}

/* The length of the attribute's text at p, and of its name; 0: it cannot be one of these. */
static size_t text_at(const char *p, const char *end, size_t *name_len, char *type)
{
	const char *name = p + 1, *behind;

	if (p == end || *p != '"')
		return 0;
	behind = json_plain_run(name, end);
	if (!begins(behind, end, STR("\":")) || behind - p > KNOWN_TEXT_MAX_BYTES - 8)
		return 0;
	*name_len = (size_t)(behind - name);
	behind += 2;
	*type = begins(behind, end, STR("{\"S\":\"")) ? 'S' :
		begins(behind, end, STR("{\"N\":\"")) ? 'N' : 0;
	return (size_t)(behind - p) + (*type ? 6 : 0);
}

static void add_head(struct known_attribute *a)
{
	size_t n = a->name_len;
	char len[4] = { (char)(n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n };

	buf_add(&a->head, len, sizeof(len));
	buf_addstr(&a->head, name_of(a));
	if (a->type)
		buf_addc(&a->head, a->type);
}

static unsigned add(struct known *k, struct str text, size_t name_len, char type)
{
	struct known_attribute *a = &k->at[k->n];

	if (k->n == KNOWN_MAX)
		return KNOWN_NONE;
	buf_addstr(&a->text, text);
	a->name_len = name_len;
	a->type = type;
	add_head(a);
	for (unsigned i = 0; i < k->n; i++) {
		int d = order(name_of(a), name_of(&k->at[i]));

		a->rank += d > 0;
		k->at[i].rank += d < 0;
	}
	return k->n++;
}

/* Among all there are, or new. */
static unsigned look_up(struct known *k, const char *p, const char *end)
{
	size_t name_len, len;
	struct str text;
	char type;

	len = text_at(p, end, &name_len, &type);
	if (!len)
		return KNOWN_NONE;
	text = (struct str){ p, len };
	for (unsigned i = 0; i < k->n; i++)
		if (str_eq(buf_str(&k->at[i].text), text))
			return i;
	return add(k, text, name_len, type);
}

unsigned known_find(struct known *k, unsigned before, const char *p, const char *end)
{
	unsigned char *after = k->at[before].after;
	unsigned found = KNOWN_NONE, place;

	for (place = 0; place < KNOWN_FOLLOWERS && after[place] != KNOWN_NONE; place++) {
		found = after[place];
		if (begins(p, end, buf_str(&k->at[found].text)))
			break;
		found = KNOWN_NONE;
	}
	if (place == 0 && found != KNOWN_NONE)
		return found;
	if (found == KNOWN_NONE)
		found = look_up(k, p, end);
	if (found == KNOWN_NONE)
		return found;
	if (place == KNOWN_FOLLOWERS)
		place--;
	memmove(after + 1, after, place);
	after[0] = (unsigned char)found;
	return found;
}
