#include "cli/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/json_out.h"
#include "sink/sink.h"

#define ACCOUNT "'etl'@'%'"

struct policy {
	const struct session *s;
	struct arena *arena;
	size_t ngrants, cap;
	const char **grants;
	const char *partition, *region;
};

static const char *quoted(const struct policy *p, const char *name)
{
	struct buf b = { 0 };
	const char *out;

	buf_addc(&b, '`');
	for (; *name; name++) {
		if (*name == '`')
			buf_addc(&b, '`');
		buf_addc(&b, *name);
	}
	buf_addc(&b, '`');
	out = arena_strndup(p->arena, b.ptr, b.len);
	buf_release(&b);
	return out;
}

/* Each once. */
static void add_grant(struct policy *p, const char *rights, const char *object)
{
	const char *grant = arena_printf(p->arena, "GRANT %s ON %s TO %s;", rights, object,
					 ACCOUNT);
	size_t i;

	for (i = 0; i < p->ngrants; i++)
		if (strcmp(p->grants[i], grant) == 0)
			return;
	p->grants = mem_grow(p->grants, &p->cap, p->ngrants + 1, sizeof(*p->grants));
	p->grants[p->ngrants++] = grant;
}

static void add_table(struct policy *p, const char *rights, const char *name)
{
	add_grant(p, rights, arena_printf(p->arena, "%s.%s",
					  quoted(p, p->s->catalog->database), quoted(p, name)));
}

static void take_right(void *arg, enum right_state state, const char *right, const char *sentence)
{
	(void)state;
	(void)sentence;
	if (strncmp(right, "RELOAD", 6) == 0 || strcmp(right, "LOCK TABLES") == 0)
		*(bool *)arg = true;
}

static int add_grants(struct policy *p, struct etl_err *err)
{
	const struct plan *plan = p->s->plan;
	/* a right on what is not there yet can be granted together with CREATE only */
	static const char on_view[] = "CREATE, CREATE VIEW, SHOW VIEW, DROP, SELECT";
	bool inlined = p->s->opt->inline_views, lock = false;
	size_t i, k, l;
	int rc;

	for (i = 0; i < plan->ntables; i++)
		for (k = 0; k < plan->tables[i].nentities; k++) {
			const struct plan_entity *e = &plan->tables[i].entities[k];

			add_table(p, "SELECT", e->source.table->name);
			for (l = 0; l < e->nlookups; l++)
				if (e->lookups[l].target)
					add_table(p, "SELECT", e->lookups[l].target->name);
		}
	for (i = 0; i < plan->ntables && !inlined; i++) {
		for (k = 0; k < plan->tables[i].nentities; k++)
			add_table(p, on_view, plan->tables[i].entities[k].source.view);
		add_table(p, on_view, plan->tables[i].view);
	}
	/* the binlog's filters, with which it proves no snapshot, and its position for the report */
	add_grant(p, "REPLICATION CLIENT", "*.*");
	rc = p->s->source->ops->try_rights(p->s->source, NULL, 0, take_right, &lock, err);
	/* what only a lock can make one snapshot of */
	if (lock)
		add_grant(p, "LOCK TABLES", arena_printf(p->arena, "%s.*",
							 quoted(p, plan->catalog->database)));
	return rc;
}

static void find_region(struct policy *p, struct session *s)
{
	struct etl_err none = { 0 };
	char *region = session_find_region(s, &none);

	p->region = region ? arena_strdup(p->arena, region) : "*";
	p->partition = strncmp(p->region, "cn-", 3) == 0 ? "aws-cn"
		     : strncmp(p->region, "us-gov-", 7) == 0 ? "aws-us-gov" : "aws";
	free(region);
}

static void begin_statement(struct json_out *j, const char *sid, const char *const *actions)
{
	json_out_open(j, NULL, '{');
	json_out_str(j, "Sid", sid);
	json_out_str(j, "Effect", "Allow");
	json_out_open(j, "Action", '[');
	for (; *actions; actions++)
		json_out_str(j, NULL, *actions);
	json_out_close(j, ']');
	json_out_open(j, "Resource", '[');
}

static void end_statement(struct json_out *j)
{
	json_out_close(j, ']');
	json_out_close(j, '}');
}

static void add_arn(const struct policy *p, struct json_out *j, const struct table_def *def,
		    const char *below)
{
	json_out_str(j, NULL, arena_printf(p->arena, "arn:%s:dynamodb:%s:*:table/%s%s",
					   p->partition, p->region, def->name, below));
}

static bool needs_always(const struct table_def *def) { return def->name != NULL; }
static bool needs_ttl(const struct table_def *def) { return def->ttl_attribute != NULL; }
static bool needs_recovery(const struct table_def *def) { return def->point_in_time_recovery; }
static bool needs_tags(const struct table_def *def) { return def->ntags > 0; }

/* DynamoDB uses a key of the customer's in the name of who creates the table. */
static void add_keys(const struct policy *p, struct json_out *j)
{
	static const char *const actions[] = { "kms:DescribeKey", "kms:CreateGrant", "kms:Encrypt",
					       "kms:Decrypt", "kms:ReEncrypt*",
					       "kms:GenerateDataKey*", NULL };
	const struct plan *plan = p->s->plan;
	size_t i;

	for (i = 0; i < plan->ntables; i++) {
		const char *key = plan->tables[i].def.kms_key;

		if (!key)
			continue;
		begin_statement(j, arena_printf(p->arena, "Key%zu", i + 1), actions);
		json_out_str(j, NULL, strncmp(key, "arn:", 4) == 0 ? key :
			     strncmp(key, "alias/", 6) == 0 ?
			     arena_printf(p->arena, "arn:%s:kms:%s:*:key/*", p->partition,
					  p->region) :
			     arena_printf(p->arena, "arn:%s:kms:%s:*:key/%s", p->partition,
					  p->region, key));
		json_out_close(j, ']');
		json_out_open(j, "Condition", '{');
		json_out_open(j, "StringLike", '{');
		json_out_str(j, "kms:ViaService", "dynamodb.*");
		json_out_close(j, '}');
		json_out_close(j, '}');
		json_out_close(j, '}');
	}
}

#define ACTIONS 4

struct statement {
	const char *sid, *serves;
	bool (*needs)(const struct table_def *def);
	bool indexes;			/* those of the tables, too */
	const char *actions[ACTIONS];	/* NULL after the last */
};

static const struct statement statements[] = {
	{ "CreateTables", "create-tables, and its comparison before a load", needs_always, false,
	  { "dynamodb:DescribeTable", "dynamodb:CreateTable", "dynamodb:UpdateTable" } },
	{ "Load", "load", needs_always, false, { "dynamodb:BatchWriteItem" } },
	{ "VerifyAndExplain", "verify, explain", needs_always, false,
	  { "dynamodb:BatchGetItem", "dynamodb:Scan" } },
	{ "VerifyIndexes", "verify --indexes", needs_always, true,
	  { "dynamodb:Query", "dynamodb:Scan" } },
	{ "RepairAndUndo", "verify --repair and --undo", needs_always, false,
	  { "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem" } },
	{ "TimeToLive", "create-tables, for 'ttl_attribute'", needs_ttl, false,
	  { "dynamodb:DescribeTimeToLive", "dynamodb:UpdateTimeToLive" } },
	{ "Recovery", "create-tables, for 'point_in_time_recovery'", needs_recovery, false,
	  { "dynamodb:DescribeContinuousBackups", "dynamodb:UpdateContinuousBackups" } },
	{ "Tags", "create-tables, for 'tags'", needs_tags, false, { "dynamodb:TagResource" } },
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

static const struct statement load_conditionally = {
	"Load", "load", needs_always, false, { "dynamodb:PutItem" }
};

static const struct statement *statement_at(const struct policy *p, size_t i)
{
	bool conditional = p->s->opt->write_mode != WRITE_OVERWRITE;

	return conditional && strcmp(statements[i].sid, load_conditionally.sid) == 0
		? &load_conditionally : &statements[i];
}

static bool is_needed(const struct policy *p, const struct statement *st)
{
	size_t i;

	for (i = 0; i < p->s->plan->ntables; i++)
		if (st->needs(&p->s->plan->tables[i].def))
			return true;
	return false;
}

static void add_statement(const struct policy *p, struct json_out *j, const struct statement *st)
{
	const struct plan *plan = p->s->plan;
	size_t i;

	if (!is_needed(p, st))
		return;
	begin_statement(j, st->sid, st->actions);
	for (i = 0; i < plan->ntables; i++) {
		const struct table_def *def = &plan->tables[i].def;

		if (!st->needs(def))
			continue;
		add_arn(p, j, def, "");
		if (st->indexes && def->nindexes)
			add_arn(p, j, def, "/index/*");
	}
	end_statement(j);
}

static void add_iam(const struct policy *p, struct json_out *j, const char *member)
{
	size_t i;

	json_out_open(j, member, '{');
	json_out_str(j, "Version", "2012-10-17");
	json_out_open(j, "Statement", '[');
	for (i = 0; i < STATEMENTS; i++)
		add_statement(p, j, statement_at(p, i));
	add_keys(p, j);
	json_out_close(j, ']');
	json_out_close(j, '}');
}

static void say_what_for(const struct policy *p, struct buf *out)
{
	size_t i;

	for (i = 0; i < STATEMENTS; i++)
		if (is_needed(p, &statements[i]))
			buf_addf(out, "  %-16s  %s\n", statements[i].sid, statements[i].serves);
}

static void show_json(const struct policy *p)
{
	struct buf out = { 0 };
	struct json_out j = { .out = &out };
	size_t i;

	json_out_open(&j, NULL, '{');
	json_out_open(&j, "mysql", '[');
	for (i = 0; i < p->ngrants; i++)
		json_out_str(&j, NULL, p->grants[i]);
	json_out_close(&j, ']');
	add_iam(p, &j, "iam");
	json_out_close(&j, '}');
	print_json(&out);
	buf_release(&out);
}

static void show_text(const struct policy *p)
{
	struct buf out = { 0 }, json = { 0 };
	struct json_out j = { .out = &json };
	size_t i;

	buf_adds(&out, "MySQL, for an account " ACCOUNT " of its own:\n\n");
	for (i = 0; i < p->ngrants; i++) {
		buf_add_printable(&out, str_of(p->grants[i]));
		buf_addc(&out, '\n');
	}
	buf_adds(&out, "\nIAM policy of the AWS principal. A statement goes if what it is for is "
		 "never run:\n\n");
	say_what_for(p, &out);
	buf_addc(&out, '\n');
	add_iam(p, &j, NULL);
	print_buf(&out);
	print_json(&json);
	buf_release(&out);
	buf_release(&json);
}

int policy_show(struct session *s, struct etl_err *err)
{
	struct policy p = { .s = s, .arena = arena_new() };
	int rc = add_grants(&p, err);

	find_region(&p, s);
	if (!rc && s->opt->format == FORMAT_JSON)
		show_json(&p);
	else if (!rc)
		show_text(&p);
	free(p.grants);
	arena_free(p.arena);
	return rc;
}
