/* Ranges of primary keys of every type: each row in exactly one unit, read through the index. */
#include <check.h>
#include <stdio.h>
#include "check_main.h"
#include "integration/source/live.h"
#include "source/mysql/mysql_priv.h"

#define ROWS 1200

struct shape_case {
	const char *name;
	const char *columns;	/* of the key: type declarations, ';' between them */
	const char *makers;	/* one letter a column: see add_value */
	char server;		/* 'M' only MariaDB, 'Y' only MySQL, 0 both */
	bool ranges;		/* false: one unit */
	bool few;		/* the first column has few values: no index check */
};

static const struct shape_case cases[] = {
	{ "int", "INT", "i", 0, true, false },
	{ "int_zerofill", "INT(8) UNSIGNED ZEROFILL", "u", 0, true, false },
	{ "bigint_u", "BIGINT UNSIGNED", "U", 0, true, false },
	{ "decimal", "DECIMAL(30,10)", "d", 0, true, false },
	{ "general_ci", "VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "s", 0,
	  true, false },
	{ "unicode_ci", "VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci", "s", 0,
	  true, false },
	{ "bin", "VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "s", 0, true, false },
	{ "utf8mb3", "VARCHAR(30) CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci", "s", 0, true,
	  false },
	{ "latin1", "VARCHAR(30) CHARACTER SET latin1 COLLATE latin1_german2_ci", "s", 0, true,
	  false },
	{ "latin1_char", "CHAR(30) CHARACTER SET latin1 COLLATE latin1_swedish_ci", "s", 0, true,
	  false },
	{ "cp932", "VARCHAR(30) CHARACTER SET cp932 COLLATE cp932_bin", "s", 0, true, false },
	{ "utf16", "VARCHAR(30) CHARACTER SET utf16 COLLATE utf16_unicode_ci", "s", 0, true,
	  false },
	{ "nopad_m", "VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin", "s", 'M', true,
	  false },
	{ "nopad_y", "VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci", "s", 'Y',
	  true, false },
	{ "nopad_char_y", "CHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_cs", "s", 'Y',
	  true, false },
	{ "binary", "BINARY(6)", "b", 0, true, false },
	{ "varbinary", "VARBINARY(12)", "b", 0, true, false },
	{ "date", "DATE", "D", 0, true, false },
	{ "datetime", "DATETIME(6)", "T", 0, true, false },
	{ "timestamp", "TIMESTAMP(3)", "P", 0, true, false },
	{ "time", "TIME(3)", "t", 0, true, false },
	{ "year", "YEAR", "y", 0, true, true },
	{ "bit", "BIT(20)", "B", 0, true, false },
	{ "uuid", "UUID", "x", 'M', true, false },
	{ "inet6", "INET6", "6", 'M', true, false },
	{ "enum", "ENUM('z','m','a','10','2')", "e", 0, false, true },
	{ "set", "SET('z','m','a')", "S", 0, false, true },
	{ "float", "FLOAT", "f", 0, false, true },
	{ "double", "DOUBLE", "f", 0, false, true },
	{ "int_text", "INT;VARCHAR(20) COLLATE utf8mb4_general_ci", "ks", 0, true, false },
	{ "text_int", "VARCHAR(20) COLLATE utf8mb4_unicode_ci;INT", "cs", 0, true, false },
	{ "int_enum", "INT;ENUM('z','m','a','10','2')", "ke", 0, true, false },
	{ "three", "DATE;BIGINT;VARBINARY(8)", "Kib", 0, true, false },
	{ "enum_int", "ENUM('z','m','a','10','2');INT", "ei", 0, false, true },
};

static unsigned long long rng_state = 88172645463325252ull;

static unsigned rnd(unsigned below)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return (unsigned)((rng_state >> 20) % below);
}

static void add_text_value(struct buf *sql)
{
	static const char *const pieces[] = {
		"a", "A", "b", "B", "z", " ", "\t", "'", "\\", "\"", "\xc3\xa4", "\xc3\x84", "ae",
		"\xc3\x9f", "ss", "0", "_", "%", "`", "-", "\x7f", "\x01", "S", "~",
	};
	struct buf text = { 0 };
	unsigned n = rnd(7);

	while (n--)
		buf_adds(&text, pieces[rnd(sizeof(pieces) / sizeof(pieces[0]))]);
	sql_add_text(sql, buf_str(&text));
	buf_release(&text);
}

static void add_value(struct buf *sql, char maker)
{
	static const char *const dates[] = { "0000-00-00", "2024-00-15", "2024-02-00" };
	static const char *const enums[] = { "z", "m", "a", "10", "2" };
	static const char *const sets[] = { "", "z", "m", "z,m", "a", "z,a", "m,a", "z,m,a" };

	switch (maker) {
	case 'i': buf_addf(sql, "%d", (int)rnd(2000000000) - 1000000000); break;
	case 'k': buf_addf(sql, "%d", (int)rnd(40) - 20); break;
	case 'u': buf_addf(sql, "%u", rnd(50000000)); break;
	case 'U': buf_addf(sql, "%u%09u", 9 + rnd(1000000000), rnd(1000000000)); break;
	case 'd': buf_addf(sql, "%s%u%09u.%010u", rnd(2) ? "-" : "", rnd(1000000000),
			   rnd(1000000000), rnd(1000000000)); break;
	case 's': add_text_value(sql); break;
	case 'c': buf_addf(sql, "'%c%c'", "aAbBzZ "[rnd(7)], "aAbBzZ "[rnd(7)]); break;
	case 'b': buf_addf(sql, "x'%02x%04x%02x'", rnd(3) * 127, rnd(65536), rnd(2) * 32); break;
	case 'D':
	case 'K':
		if (rnd(50) == 0)
			buf_addf(sql, "'%s'", dates[rnd(3)]);
		else
			buf_addf(sql, "'%u-%02u-%02u'", maker == 'K' ? 2024 : 1000 + rnd(8999),
				 1 + rnd(12), 1 + rnd(28));
		break;
	case 'T':
		if (rnd(50) == 0) {
			buf_addf(sql, "'%s 00:00:00.%06u'", dates[rnd(3)], rnd(3));
			break;
		}
		/* fall through */
	case 'P':
		buf_addf(sql, "'%u-%02u-%02u %02u:%02u:%02u.%06u'", 1971 + rnd(60), 1 + rnd(12),
			 1 + rnd(28), rnd(24), rnd(60), rnd(60), rnd(1000000));
		break;
	case 't': buf_addf(sql, "'%s%u:%02u:%02u.%03u'", rnd(2) ? "-" : "", rnd(839), rnd(60),
			   rnd(60), rnd(1000)); break;
	case 'y': buf_addf(sql, "%u", rnd(20) ? 1901 + rnd(255) : 0); break;
	case 'B': buf_addf(sql, "%u", rnd(1 << 20)); break;
	case 'x': buf_addf(sql, "'%08x-%04x-%04x-%04x-%012x'", rnd(~0u), rnd(65536), rnd(65536),
			   rnd(65536), rnd(~0u)); break;
	case '6': buf_addf(sql, "'%x::%x:%x'", rnd(65536), rnd(65536), rnd(65536)); break;
	case 'e': buf_addf(sql, "'%s'", enums[rnd(5)]); break;
	case 'S': buf_addf(sql, "'%s'", sets[rnd(8)]); break;
	case 'f': buf_addf(sql, "%d.%u", (int)rnd(2000) - 1000, rnd(1000)); break;
	default: ck_abort_msg("no maker '%c'", maker);
	}
}

static size_t make_table(struct source *s, const struct shape_case *c)
{
	struct buf sql = { 0 }, keys = { 0 };
	const char *p = c->columns, *end;
	size_t n = 0;

	live_sql(s, "DROP TABLE IF EXISTS r_%s", c->name);
	buf_addf(&sql, "CREATE TABLE r_%s (", c->name);
	while (*p) {
		end = strchr(p, ';');
		buf_addf(&sql, "k%zu %.*s NOT NULL, ", n, end ? (int)(end - p) : (int)strlen(p), p);
		buf_addf(&keys, "%sk%zu", n ? ", " : "", n);
		n++;
		p = end ? end + 1 : "";
	}
	buf_addf(&sql, "pad VARCHAR(200) NOT NULL, PRIMARY KEY (%s)) CHARACTER SET utf8mb4",
		 buf_cstr(&keys));
	live_sql(s, "%s", buf_cstr(&sql));
	for (int batch = 0; batch < 4; batch++) {
		buf_reset(&sql);
		buf_addf(&sql, "INSERT IGNORE INTO r_%s VALUES ", c->name);
		for (int i = 0; i < ROWS / 4; i++) {
			buf_adds(&sql, i ? ",(" : "(");
			for (size_t k = 0; k < n; k++) {
				add_value(&sql, c->makers[k]);
				buf_addc(&sql, ',');
			}
			buf_addf(&sql, "REPEAT('p', %u))", 100 + rnd(100));
		}
		live_sql(s, "%s", buf_cstr(&sql));
	}
	live_sql(s, "ANALYZE TABLE r_%s", c->name);
	live_sql(s, "CREATE OR REPLACE VIEW v_%s AS SELECT pad AS `a`, %s FROM r_%s", c->name,
		 buf_cstr(&keys), c->name);
	buf_release(&sql);
	buf_release(&keys);
	return n;
}

/* EXPLAIN's rows: the plan must be a range of the primary key and nothing else. */
struct plan {
	bool range;
	struct buf text;
};

static int see_plan(void *arg, const struct row *row, const char *const *names,
		    struct etl_err *err)
{
	struct plan *plan = arg;
	const char *type = NULL, *key = NULL;

	(void)err;
	for (size_t i = 0; i < row->nfields; i++) {
		const char *value = row->fields[i].ptr ? row->fields[i].ptr : "NULL";

		buf_addf(&plan->text, "%s=%s ", names[i], value);
		if (strcmp(names[i], "type") == 0)
			type = value;
		if (strcmp(names[i], "key") == 0)
			key = value;
	}
	plan->range = type && key && strcmp(type, "range") == 0 && strcmp(key, "PRIMARY") == 0;
	return 0;
}

static void check_plan(struct source_reader *r, bool mysql, const struct entity_source *e,
		       struct str low, struct str high)
{
	struct etl_err err = { 0 };
	struct plan plan = { 0 };
	struct buf sql = { 0 };

	buf_addf(&sql, "EXPLAIN %sSELECT * FROM %s v WHERE ", mysql ? "FORMAT=TRADITIONAL " : "",
		 e->view);
	ck_assert(sql_add_range(&sql, e->table, NULL, e->pk_view_columns, low, high));
	LIVE_OK(r->ops->query(r, buf_cstr(&sql), see_plan, &plan, &err));
	ck_assert_msg(plan.range, "%s\n%s", buf_cstr(&sql), buf_cstr(&plan.text));
	buf_release(&sql);
	buf_release(&plan.text);
}

/* A set of the rows met, by their key columns' bytes; no row may come twice. */
struct seen {
	char **keys;
	size_t n, cap;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void note(struct seen *seen, const struct row *row)
{
	struct buf key = { 0 };

	for (size_t i = 1; i < row->nfields; i++) {
		buf_add_hex(&key, row->fields[i].ptr, row->fields[i].len);
		buf_addc(&key, '/');
	}
	seen->keys = mem_grow(seen->keys, &seen->cap, seen->n + 1, sizeof(*seen->keys));
	seen->keys[seen->n++] = buf_detach(&key);
}

static void read_unit(struct source_reader *r, const struct entity_source *e,
		      const struct unit *u, struct seen *seen)
{
	struct etl_err err = { 0 };
	struct row row;
	int rc;

	LIVE_OK(r->ops->begin(r, e, u, &err));
	while ((rc = r->ops->next(r, &row, &err)) == 1)
		note(seen, &row);
	LIVE_OK(rc);
	r->ops->end(r);
}

static void check_case(struct source *s, const struct shape_case *c, uint64_t unit_rows)
{
	static const char *const names[] = { "k0", "k1", "k2" }, *const attrs[] = { "a" };
	static const struct shape_attr attr = { .name = "a", .name_len = 1 };
	struct source_reader *r = NULL;
	struct snapshot_info info;
	struct etl_err err = { 0 };
	struct catalog *catalog;
	struct seen seen = { 0 };
	struct buf low = { 0 }, high = { 0 };
	struct unit u = { 0 };
	struct entity_source e;
	struct item_shape shape = { .nattrs = 1, .attrs = &attr, .pk_columns = names };
	uint64_t count, rows, units = 0;
	bool has_high = true;
	char view[64], table[64];

	snprintf(view, sizeof(view), "v_%s", c->name);
	snprintf(table, sizeof(table), "r_%s", c->name);
	LIVE_OK(s->ops->read_catalog(s, &catalog, &err));
	e = (struct entity_source){
		.shape = &shape, .table = catalog_table(catalog, table, strlen(table)),
		.view = view, .view_columns = attrs, .pk_view_columns = names, .chunkable = true,
	};
	ck_assert_msg(e.table && e.table->primary, "%s has no primary key", table);
	shape.npk_columns = e.table->primary->ncolumns;
	LIVE_OK(s->ops->open_readers(s, 1, &r, &info, &err));
	LIVE_OK(r->ops->count(r, &e, &rows, &err));
	while (has_high) {
		LIVE_OK(r->ops->next_bound(r, &e, u.has_low ? buf_str(&u.low) : (struct str){ 0 },
					   unit_rows, &has_high, &high, &count, &err));
		u.has_high = has_high;
		buf_reset(&u.high);
		buf_add(&u.high, high.ptr, high.len);
		read_unit(r, &e, &u, &seen);
		if (++units == 3 && has_high && !c->few)
			check_plan(r, catalog->flavour == SERVER_MYSQL, &e, buf_str(&u.low),
				   buf_str(&u.high));
		ck_assert_msg(units <= rows + 1, "%s: ranges do not end", c->name);
		buf_reset(&u.low);
		buf_add(&u.low, u.high.ptr, u.high.len);
		u.has_low = true;
		u.number++;
	}
	ck_assert_msg(seen.n == rows, "%s: %zu rows read, %llu there", c->name, seen.n,
		      (unsigned long long)rows);
	qsort(seen.keys, seen.n, sizeof(*seen.keys), by_text);
	for (size_t i = 1; i < seen.n; i++)
		ck_assert_msg(strcmp(seen.keys[i - 1], seen.keys[i]) != 0, "%s: %s came twice",
			      c->name, seen.keys[i]);
	ck_assert_msg((c->ranges && unit_rows < rows) == (units > 1), "%s: %llu units of %llu rows", c->name,
		      (unsigned long long)units, (unsigned long long)rows);
	for (size_t i = 0; i < seen.n; i++)
		free(seen.keys[i]);
	free(seen.keys);
	buf_release(&low);
	buf_release(&high);
	buf_release(&u.low);
	buf_release(&u.high);
	r->ops->close_reader(r);
	catalog_free(catalog);
}

START_TEST(every_row_in_one_unit)
{
	const struct shape_case *c = &cases[_i];
	struct source *s = live_open("etl_it_ranges");
	struct mysql_source *m = (struct mysql_source *)s;

	if (!c->server || (c->server == 'M') == (m->flavour == SERVER_MARIADB)) {
		make_table(s, c);
		check_case(s, c, 3);
		check_case(s, c, 17);
		check_case(s, c, 100000);
	}
	s->ops->close(s);
}
END_TEST

static Suite *ranges_suite(void)
{
	Suite *suite = suite_create("integration/source/ranges");
	TCase *tc = tcase_create("ranges");

	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, every_row_in_one_unit, 0,
			    (int)(sizeof(cases) / sizeof(cases[0])));
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(ranges_suite)
