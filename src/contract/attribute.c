/* Attributes of an entity, with their joins, calculations and transformations. */
#include "contract/contract_priv.h"

#include <stdlib.h>
#include <strings.h>

static const char *const join_types[] = { "foreign-key", "lookup-table", "multi-column",
					  "self-join", "conditional", "chain",
					  "json-construction", NULL };
static const char *const calc_types[] = { "aggregate", "case", "concat", "date-math", NULL };
static const char *const trans_types[] = { "string-format", "template", "static", "date-format",
					   "number-format", "json-parse", "lower", "upper", "trim",
					   "hex", "base64", "uuid", "split", NULL };
static const enum trans_type trans_values[] = {
	TRANS_TEMPLATE, TRANS_TEMPLATE, TRANS_STATIC, TRANS_DATE_FORMAT, TRANS_NUMBER_FORMAT,
	TRANS_JSON_PARSE, TRANS_LOWER, TRANS_UPPER, TRANS_TRIM, TRANS_HEX, TRANS_BASE64, TRANS_UUID,
	TRANS_SPLIT };
static const char *const attr_types[] = { "S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL",
					  NULL };
static const char *const units[] = { "MICROSECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK",
				     "MONTH", "QUARTER", "YEAR", NULL };

/* join_condition (text) and join_conditions (list): whichever is there; all must hold. */
static void read_conditions(struct reading *r, json_t *obj, const char *path, struct hop *hop)
{
	const char *const keys[] = { "join_condition", "join_conditions" };

	for (int k = 0; k < 2; k++) {
		size_t n;
		bool list;
		const char **texts = get_texts(r, obj, path, keys[k], &n, &list);
		const char *at = path_key(r, path, keys[k]);
		if (list && !n)
			diag_add(r->diags, DIAG_ERROR, at, "empty: expected at least one condition");
		if (!n)
			continue;
		struct fragment *all = arena_alloc(r->arena, (hop->nconditions + n) * sizeof(*all));
		if (hop->nconditions)
			memcpy(all, hop->conditions, hop->nconditions * sizeof(*all));
		for (size_t i = 0; i < n; i++)
			all[hop->nconditions + i] = make_fragment(
				r, texts[i], list ? path_index(r, at, i) : at, false, false);
		hop->conditions = all;
		hop->nconditions += n;
	}
}

static void read_hop(struct reading *r, json_t *obj, const char *path, struct hop *hop,
		     bool need_target, bool need_condition, bool need_select, bool star)
{
	hop->path = path;
	hop->target_table = get_text(r, obj, path, "target_table", need_target);
	read_conditions(r, obj, path, hop);
	if (need_condition && !hop->nconditions)
		diag_add(r->diags, DIAG_ERROR, path_key(r, path, "join_condition"),
			 "missing: expected a condition that ties the target's row to the source's");
	if (need_select)
		hop->select = make_fragment(r, get_text(r, obj, path, "select_column", true),
					    path_key(r, path, "select_column"), true, star);
}

static void read_else(struct reading *r, json_t *obj, const char *path, struct join *j)
{
	const char *text = get_scalar(r, obj, path, "else_value");
	const char *at = path_key(r, path, "else_value");

	j->else_kind = ELSE_TEXT;
	if (!text) {
		json_t *v = json_object_get(obj, "else_value");
		if (!v)
			diag_add(r->diags, DIAG_ERROR, at, "missing: expected what counts where "
				 "'condition' does not hold (null for nothing)");
		return;
	}
	size_t len = strlen(text);
	if (len >= 2 && text[0] == '\'' && text[len - 1] == '\'') {
		const char *why = NULL;
		struct expr *e = expr_parse(r->arena, str_of(text), false, &why);
		if (e && e->kind == EXPR_STRING)
			j->else_text = arena_strndup(r->arena, e->text.ptr, e->text.len);
		else
			j->else_text = arena_strndup(r->arena, text + 1, len - 2);
		return;
	}
	const char *why = NULL;
	struct expr *e = expr_parse(r->arena, str_of(text), false, &why);
	/* name.name: neither a number ("0.00") nor anything longer */
	if (e && e->kind == EXPR_COLUMN && e->qualifier.ptr) {
		j->else_kind = ELSE_COLUMN;
		j->else_column = (struct fragment){ .text = text, .path = at, .expr = e };
		return;
	}
	j->else_text = text;
}

static void read_construction(struct reading *r, json_t *obj, const char *path, struct join *j)
{
	static const char *const known[] = { "type", "limit", "order_by", "select_columns", NULL };
	static const char *const kinds[] = { "array", "object", NULL };
	json_t *c = json_object_get(obj, "construction");
	const char *at = path_key(r, path, "construction");

	j->limit = -1;
	if (!want_object(r, c, at, "what to construct"))
		return;
	check_keys(r, c, at, known);
	j->array = get_choice(r, c, at, "type", kinds, -1) == 0;
	j->limit = get_int(r, c, at, "limit", 0, -1);
	const char *order = get_text(r, c, at, "order_by", false);
	j->order_path = path_key(r, at, "order_by");
	if (order && *order) {
		const char *why = NULL;
		j->order = expr_parse_order(r->arena, str_of(order), &j->norder, &why);
		if (!j->order)
			diag_add(r->diags, DIAG_ERROR, j->order_path, "'%s': %s", order, why);
	}
	json_t *cols = json_object_get(c, "select_columns");
	const char *cat = path_key(r, at, "select_columns");
	if (!want_object(r, cols, cat, "keys and the columns or expressions that fill them"))
		return;
	j->keys = arena_alloc(r->arena, (json_object_size(cols) + 1) * sizeof(*j->keys));
	const char *key;
	json_t *v;
	json_object_foreach(cols, key, v) {
		struct construct_key *k = &j->keys[j->nkeys++];
		k->key = arena_strdup(r->arena, key);
		k->value = make_fragment(r, get_text(r, cols, cat, key, true), path_key(r, cat, key),
					 true, false);
	}
	if (!j->nkeys)
		diag_add(r->diags, DIAG_ERROR, cat, "empty: expected at least one key");
}

static struct join *read_join(struct reading *r, json_t *obj, const char *path)
{
	static const char *const known_plain[] = { "type", "target_table", "join_condition",
						   "join_conditions", "select_column", NULL };
	static const char *const known_self[] = { "type", "target_table", "join_alias",
						  "join_condition", "join_conditions",
						  "select_column", "null_value", NULL };
	static const char *const known_cond[] = { "type", "condition", "target_table",
						  "join_condition", "join_conditions",
						  "select_column", "else_value", NULL };
	static const char *const known_chain[] = { "type", "joins", "chain_separator", NULL };
	static const char *const known_hop[] = { "target_table", "join_condition",
						 "join_conditions", "select_column", NULL };
	static const char *const known_json[] = { "type", "target_table", "join_condition",
						  "join_conditions", "construction", NULL };

	if (!want_object(r, obj, path, "a join"))
		return NULL;
	struct join *j = arena_alloc(r->arena, sizeof(*j));
	j->path = path;
	j->limit = -1;
	int type = get_choice(r, obj, path, "type", join_types, -1);
	if (type < 0)
		return NULL;
	j->type = (enum join_type)type;
	j->type_name = join_types[type];
	j->nhops = 1;
	if (j->type != JOIN_CHAIN)
		j->hops = arena_alloc(r->arena, sizeof(*j->hops));
	switch (j->type) {
	case JOIN_SELF:
		check_keys(r, obj, path, known_self);
		read_hop(r, obj, path, j->hops, false, true, true, false);
		j->alias = get_text(r, obj, path, "join_alias", true);
		j->null_value = get_scalar(r, obj, path, "null_value");
		break;
	case JOIN_CONDITIONAL: {
		check_keys(r, obj, path, known_cond);
		read_hop(r, obj, path, j->hops, false, false, true, false);
		j->condition = make_fragment(r, get_text(r, obj, path, "condition", true),
					     path_key(r, path, "condition"), false, false);
		read_else(r, obj, path, j);
		break;
	}
	case JOIN_CHAIN: {
		check_keys(r, obj, path, known_chain);
		j->separator = get_text(r, obj, path, "chain_separator", false);
		json_t *list = json_object_get(obj, "joins");
		const char *at = path_key(r, path, "joins");
		j->nhops = 0;
		if (!json_is_array(list) || !json_array_size(list)) {
			diag_add(r->diags, DIAG_ERROR, at, "expected a list of at least one join");
			break;
		}
		j->hops = arena_alloc(r->arena, json_array_size(list) * sizeof(*j->hops));
		size_t i;
		json_t *h;
		json_array_foreach(list, i, h) {
			const char *hat = path_index(r, at, i);
			if (!want_object(r, h, hat, "one hop of the chain"))
				continue;
			check_keys(r, h, hat, known_hop);
			/* only the last hop's column, or with a separator all of them, counts */
			bool need = i + 1 == json_array_size(list) || j->separator ||
				    json_object_get(h, "select_column");
			read_hop(r, h, hat, &j->hops[j->nhops++], true, true, need, false);
		}
		break;
	}
	case JOIN_JSON:
		check_keys(r, obj, path, known_json);
		read_hop(r, obj, path, j->hops, true, true, false, false);
		read_construction(r, obj, path, j);
		break;
	default:
		check_keys(r, obj, path, known_plain);
		read_hop(r, obj, path, j->hops, true, true, true, false);
	}
	return j;
}

static void read_cases(struct reading *r, json_t *obj, const char *path, struct calculation *c)
{
	static const char *const known[] = { "when", "then", NULL };
	json_t *list = json_object_get(obj, "cases");
	const char *at = path_key(r, path, "cases");
	size_t i;
	json_t *w;

	if (!json_is_array(list) || !json_array_size(list)) {
		diag_add(r->diags, DIAG_ERROR, at, "expected a list of at least one "
						   "{\"when\": ..., \"then\": ...}");
		return;
	}
	c->whens = arena_alloc(r->arena, json_array_size(list) * sizeof(*c->whens));
	json_array_foreach(list, i, w) {
		const char *wat = path_index(r, at, i);
		if (!want_object(r, w, wat, "one case"))
			continue;
		check_keys(r, w, wat, known);
		const char *when = get_text(r, w, wat, "when", true);
		const char *then = get_scalar(r, w, wat, "then");
		if (!then)
			diag_add(r->diags, DIAG_ERROR, path_key(r, wat, "then"),
				 "missing: expected an SQL expression");
		c->whens[c->nwhens].when = make_fragment(r, when, path_key(r, wat, "when"), false,
							 false);
		c->whens[c->nwhens++].then = make_fragment(r, then, path_key(r, wat, "then"), true,
							   false);
	}
	const char *otherwise = get_scalar(r, obj, path, "else");
	c->has_else = otherwise != NULL;
	c->otherwise = make_fragment(r, otherwise, path_key(r, path, "else"), true, false);
}

static struct calculation *read_calculation(struct reading *r, json_t *obj, const char *path)
{
	static const char *const known_agg[] = { "type", "target_table", "join_condition",
						 "join_conditions", "operation", "select_column",
						 NULL };
	static const char *const known_case[] = { "type", "cases", "else", NULL };
	static const char *const known_concat[] = { "type", "columns", "separator", NULL };
	static const char *const known_date[] = { "type", "operation", "interval", "unit",
						  "columns", NULL };
	static const char *const aggs[] = { "SUM", "COUNT", "AVG", "MIN", "MAX", NULL };
	static const char *const dates[] = { "add", "subtract", "diff", NULL };

	if (!want_object(r, obj, path, "a calculation"))
		return NULL;
	struct calculation *c = arena_alloc(r->arena, sizeof(*c));
	c->path = path;
	int type = get_choice(r, obj, path, "type", calc_types, -1), op;
	if (type < 0)
		return NULL;
	c->type = (enum calc_type)type;
	switch (c->type) {
	case CALC_AGGREGATE:
		check_keys(r, obj, path, known_agg);
		op = get_choice(r, obj, path, "operation", aggs, -1);
		c->op = op < 0 ? AGG_COUNT : (enum aggregate_op)op;
		read_hop(r, obj, path, &c->target, true, true, true, c->op == AGG_COUNT);
		break;
	case CALC_CASE:
		check_keys(r, obj, path, known_case);
		read_cases(r, obj, path, c);
		break;
	case CALC_CONCAT:
		check_keys(r, obj, path, known_concat);
		c->columns = get_texts(r, obj, path, "columns", &c->ncolumns, NULL);
		c->separator = get_text(r, obj, path, "separator", false);
		if (!c->separator)
			c->separator = "";
		break;
	case CALC_DATE_MATH:
		check_keys(r, obj, path, known_date);
		op = get_choice(r, obj, path, "operation", dates, -1);
		c->date_op = op < 0 ? DATE_ADD : (enum datemath_op)op;
		c->columns = get_texts(r, obj, path, "columns", &c->ncolumns, NULL);
		const char *unit = get_text(r, obj, path, "unit", true);
		for (size_t i = 0; unit && units[i]; i++)
			if (!strcasecmp(units[i], unit) ||
			    (strlen(unit) == strlen(units[i]) + 1 && strchr("sS", unit[strlen(units[i])])
			     && !strncasecmp(units[i], unit, strlen(units[i]))))
				c->unit = units[i];
		if (unit && !c->unit)
			diag_add(r->diags, DIAG_ERROR, path_key(r, path, "unit"),
				 "'%s' is none of SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER, "
				 "YEAR", unit);
		if (c->date_op != DATE_DIFF) {
			const char *interval = get_scalar(r, obj, path, "interval");
			if (!interval)
				diag_add(r->diags, DIAG_ERROR, path_key(r, path, "interval"),
					 "missing: expected how many units");
			c->interval = make_fragment(r, interval, path_key(r, path, "interval"),
						    true, false);
		}
		break;
	}
	return c;
}

static struct transformation *read_transformation(struct reading *r, json_t *obj, const char *path)
{
	static const char *const known[] = { "type", "format", "template", "value", "source_format",
					     "swap", "separator", NULL };

	if (!want_object(r, obj, path, "a transformation"))
		return NULL;
	check_keys(r, obj, path, known);
	struct transformation *t = arena_alloc(r->arena, sizeof(*t));
	t->path = path;
	int type = get_choice(r, obj, path, "type", trans_types, -1);
	if (type < 0)
		return NULL;
	t->type = trans_values[type];
	t->type_name = trans_types[type];
	switch (t->type) {
	case TRANS_TEMPLATE: {
		const char *key = json_object_get(obj, "format") ? "format" : "template";
		json_t *v = json_object_get(obj, key);
		const char *text = get_text(r, obj, path, key, false);
		if (!text && !(v && !json_is_string(v) && !json_is_null(v)))
			diag_add(r->diags, DIAG_ERROR, path_key(r, path, "format"),
				 "missing: expected a text with {placeholders}");
		t->tmpl = make_template(r, text, path_key(r, path, key));
		break;
	}
	case TRANS_STATIC: {
		json_t *v = json_object_get(obj, "value");
		if (!v) {
			diag_add(r->diags, DIAG_ERROR, path_key(r, path, "value"),
				 "missing: expected the value");
			break;
		}
		struct buf text = { 0 };
		add_json(r, v, &text);
		t->value_json = arena_strndup(r->arena, text.ptr, text.len);
		buf_release(&text);
		if (!json_is_object(v) && !json_is_array(v) && !json_is_null(v))
			t->value_text = get_scalar(r, obj, path, "value");
		break;
	}
	case TRANS_DATE_FORMAT:
	case TRANS_NUMBER_FORMAT:
		t->format = get_text(r, obj, path, "format", true);
		t->source_format = get_text(r, obj, path, "source_format", false);
		break;
	case TRANS_UUID:
		t->swap = get_bool(r, obj, path, "swap", false);
		break;
	case TRANS_SPLIT:
		t->separator = get_text(r, obj, path, "separator", false);
		if (!t->separator)
			t->separator = ",";
		if (!*t->separator)
			diag_add(r->diags, DIAG_ERROR, path_key(r, path, "separator"),
				 "empty: expected the text between two members");
		break;
	default:
		break;
	}
	return t;
}

static void read_attribute(struct reading *r, json_t *obj, const char *path, struct attribute *a)
{
	static const char *const known[] = { "name", "type", "source_table", "source_column",
					     "join", "calculation", "transformation",
					     "denormalized", "justification", NULL };
	json_t *v;

	*a = (struct attribute){ .path = path };
	check_keys(r, obj, path, known);
	a->name = get_text(r, obj, path, "name", true);
	if (a->name && strlen(a->name) > 65535)
		diag_add(r->diags, DIAG_ERROR, path_key(r, path, "name"),
			 "longer than 65,535 bytes, DynamoDB's limit");
	int type = get_choice(r, obj, path, "type", attr_types, -1);
	a->type = type < 0 ? ATTR_S : (enum attr_type)type;
	a->source_table = get_text(r, obj, path, "source_table", false);
	a->columns = get_texts(r, obj, path, "source_column", &a->ncolumns, &a->columns_array);
	if ((v = json_object_get(obj, "join")) && !json_is_null(v)) {
		a->join = read_join(r, v, path_key(r, path, "join"));
		a->baseless = !a->join;
	}
	if ((v = json_object_get(obj, "calculation")) && !json_is_null(v)) {
		a->calculation = read_calculation(r, v, path_key(r, path, "calculation"));
		a->baseless |= !a->calculation;
		if (a->join)
			diag_add(r->diags, DIAG_ERROR, path_key(r, path, "calculation"),
				 "an attribute has a join or a calculation, not both");
	}
	if ((v = json_object_get(obj, "transformation")) && !json_is_null(v))
		a->transformation = read_transformation(r, v, path_key(r, path, "transformation"));
	a->denormalized = get_bool(r, obj, path, "denormalized", false);
}

void read_attributes(struct reading *r, json_t *list, const char *path, struct entity *e)
{
	size_t i;
	json_t *v;

	if (!json_is_array(list)) {
		diag_add(r->diags, DIAG_ERROR, path, "missing: expected a list of attributes");
		return;
	}
	e->attributes = arena_alloc(r->arena, (json_array_size(list) + 1) * sizeof(*e->attributes));
	json_array_foreach(list, i, v) {
		const char *at = path_index(r, path, i);
		if (!want_object(r, v, at, "an attribute"))
			continue;
		struct attribute *a = &e->attributes[e->nattributes];
		size_t before = r->diags->nerrors;
		read_attribute(r, v, at, a);
		a->faulty = r->diags->nerrors > before;
		if (!a->name)
			continue;
		for (size_t k = 0; k < e->nattributes; k++)
			if (!strcmp(e->attributes[k].name, a->name)) {
				diag_add(r->diags, DIAG_ERROR, path_key(r, at, "name"),
					 "'%s' is already an attribute of this entity (%s)", a->name,
					 e->attributes[k].path);
				break;
			}
		e->nattributes++;
	}
}
