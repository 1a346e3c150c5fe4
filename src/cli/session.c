#include "cli/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/rds_token.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/answer.h"
#include "cli/blame.h"
#include "cli/option_table.h"
#include "sink/dynamodb/dynamodb.h"

#define PASSWORD_MAX_BYTES 4096

void session_init(struct session *s, const struct options *opt, struct stop *stop)
{
	memset(s, 0, sizeof(*s));
	s->opt = opt;
	s->own_stop.parent = stop;
	s->stop = &s->own_stop;
	s->clock = clock_real();
	s->start_utc_ms = s->clock->utc_ms(s->clock);
}

void session_close(struct session *s)
{
	if (s->sink)
		s->sink->ops->close(s->sink);
	plan_free(s->plan);
	catalog_free(s->catalog);
	if (s->source)
		s->source->ops->close(s->source);
	contract_free(s->contract);
	state_close(s->state);
	metrics_free(s->metrics);
	diags_release(&s->diags);
	if (s->password.cap)
		explicit_bzero(s->password.ptr, s->password.cap);
	buf_release(&s->password);
	prices_free(s->prices);
	free(s->region);
	memset(s, 0, sizeof(*s));
}

bool session_tells(const struct session *s, const struct etl_err *err)
{
	return !s->opt->quiet || err->code || s->outcome.rejects || s->outcome.differences;
}

/* The last net: commands make safe themselves what they show, but SQL and other documents have to be
 * exact where a program reads them. */
static void print_safe(const struct buf *b)
{
	struct buf safe = { 0 };
	size_t at, n;

	for (at = 0; at < b->len; at += n) {
		const char *p = b->ptr + at;

		for (n = 0; at + n < b->len && p[n] != '\n' && p[n] != '\t'; n++)
			;
		buf_add_printable(&safe, (struct str){ p, n });
		if (at + n < b->len)
			buf_addc(&safe, p[n++]);
	}
	fwrite(safe.ptr, 1, safe.len, stdout);
	buf_release(&safe);
}

void print_buf(const struct buf *b)
{
	if (b->len && isatty(STDOUT_FILENO))
		print_safe(b);
	else if (b->len)
		fwrite(b->ptr, 1, b->len, stdout);
}

void print_json(const struct buf *b)
{
	struct buf out = { 0 };
	size_t i;

	/* such bytes stand inside strings only */
	for (i = 0; i < b->len; i++) {
		unsigned char c = (unsigned char)b->ptr[i];
		unsigned char next = i + 1 < b->len ? (unsigned char)b->ptr[i + 1] : 0;

		if (c == 0x7f)
			buf_adds(&out, "\\u007f");
		else if (c == 0xc2 && next >= 0x80 && next <= 0x9f) {
			buf_addf(&out, "\\u00%02x", next);
			i++;
		} else
			buf_addc(&out, (char)c);
	}
	print_buf(&out);
	buf_release(&out);
}

static void show_diags(struct session *s)
{
	for (; s->diags_shown < s->diags.n; s->diags_shown++) {
		const struct diag *d = &s->diags.list[s->diags_shown];
		const char *colon = d->path[0] ? ": " : "";

		if (d->level == DIAG_ERROR ||
		    (d->level == DIAG_WARNING && s->strict_at_end && s->opt->strict))
			log_error("%s: %s%s%s", s->opt->contract, d->path, colon, d->text);
		else if (d->level == DIAG_WARNING)
			log_warn("%s: %s%s%s", s->opt->contract, d->path, colon, d->text);
		else if (s->show_notes)
			log_info("note: %s: %s%s%s", s->opt->contract, d->path, colon, d->text);
		else
			log_debug("note: %s: %s%s%s", s->opt->contract, d->path, colon, d->text);
	}
}

/* Diagnostics are shown as they come; what is left for the last line is their number. */
static int end_of_diags(struct session *s, int rc, struct etl_err *err)
{
	show_diags(s);
	if (!rc && !s->diags.nerrors)
		return 0;
	if (!err->code)
		etl_err_set(err, ETL_ECONTRACT, "'%s' has %zu error%s", s->opt->contract,
			    s->diags.nerrors, s->diags.nerrors == 1 ? "" : "s");
	return -(int)err->code;
}

static int plan_contract(struct session *s, struct etl_err *err);

/* All errors in one run: what the file alone does not tell, the catalogue may, if it can be had. */
static void find_more_errors(struct session *s, struct etl_err *err)
{
	size_t before = s->diags.nerrors;
	struct etl_err unsaid = { 0 };

	show_diags(s);
	if (session_open_source(s, &unsaid) ||
	    (!s->catalog && s->source->ops->read_catalog(s->source, &s->catalog, &unsaid)))
		return;
	plan_contract(s, &unsaid);
	if (s->diags.nerrors > before) {
		etl_err_clear(err);
		etl_err_set(err, ETL_ECONTRACT, "the contract '%s' has %zu errors",
			    s->opt->contract, s->diags.nerrors);
	}
}

int session_read_contract(struct session *s, struct etl_err *err)
{
	int rc;

	if (s->contract)
		return s->contract->nerrors ? -ETL_ECONTRACT : 0;
	answer_doing(s, "reading the contract '%s'", s->opt->contract);
	s->diags.strict = s->opt->strict && !s->strict_at_end;
	rc = contract_read(s->opt->contract, &s->diags, &s->contract, err);
	/* naming a contract that cannot be read is a mistake in the usage */
	if (rc == -ETL_ESYSTEM)
		err->code = ETL_EUSAGE;
	if (rc == -ETL_ECONTRACT && s->contract)
		find_more_errors(s, err);
	return end_of_diags(s, rc, err);
}

int session_read_password(const char *path, struct buf *password, struct etl_err *err)
{
	struct stat st;
	int rc = file_read(path, PASSWORD_MAX_BYTES, password, err);

	if (rc) {
		etl_err_hint(err, "--mysql-password-file names the file that holds the password");
		return rc;
	}
	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077))
		log_warn("others than its owner can use the password file '%s' (mode %03o)", path,
			 (unsigned)st.st_mode & 0777);
	if (password->len && password->ptr[password->len - 1] == '\n')
		password->len--;
	if (password->len && password->ptr[password->len - 1] == '\r')
		password->len--;
	if (password->len && memchr(password->ptr, '\0', password->len))
		return etl_err_set(err, ETL_EUSAGE, "the password file '%s' holds a NUL byte",
				   path);
	return 0;
}

static void configure_aws(struct session *s)
{
	const struct options *o = s->opt;

	s->aws = (struct aws_config){
		.region = o->region,
		.profile = o->profile,
		.endpoint_url = o->endpoint_url,
		.ca_bundle = o->ca_bundle,
		.clock = s->clock,
		.stop = s->stop,
	};
}

static int sign_token(void *arg, const char *host, unsigned port, const char *user, struct buf *out,
		      struct etl_err *err)
{
	return aws_rds_token(arg, host, port, user, out, err);
}

int session_open_source(struct session *s, struct etl_err *err)
{
	const struct options *o = s->opt;
	int rc;

	if (s->source)
		return 0;
	s->mysql = (struct mysql_config){
		.host = o->mysql_host,
		.port = o->mysql_port == OPTION_UNSET ? 0 : (unsigned)o->mysql_port,
		.socket = o->mysql_socket,
		.user = o->mysql_user,
		.database = o->mysql_database,
		.defaults_file = o->defaults_file,
		.ssl_mode = (enum mysql_ssl_mode)o->mysql_ssl_mode,
		.ssl_mode_given = option_origin(o, "mysql-ssl-mode") != ORIGIN_DEFAULT,
		.ssl_ca = o->mysql_ssl_ca,
		.connect_timeout_s = 10,
	};
	if (o->mysql_auth == OPT_AUTH_IAM) {
		configure_aws(s);
		s->mysql.token = sign_token;
		s->mysql.token_arg = &s->aws;
	} else if (o->mysql_password_file) {
		rc = session_read_password(o->mysql_password_file, &s->password, err);
		if (rc)
			return rc;
		s->mysql.password = buf_cstr(&s->password);
	}
	answer_doing(s, "connecting to MySQL");
	rc = mysql_source_open(&s->mysql, &s->source, err);
	if (!rc)
		log_debug("source: %s", mysql_source_describe(s->source));
	return rc;
}

static int make_plan(const struct session *s, const struct catalog *catalog, struct diags *diags,
		     struct plan **out, struct etl_err *err)
{
	struct plan_options options = {
		.table_prefix = s->opt->table_prefix,
		.tables = s->opt->tables.values,
		.ntables = s->opt->tables.n,
		.inline_views = s->opt->inline_views,
	};

	return plan_make(s->contract, catalog, &options, diags, out, err);
}

static int plan_contract(struct session *s, struct etl_err *err)
{
	return make_plan(s, s->catalog, &s->diags, &s->plan, err);
}

int session_read_catalog(struct session *s, struct etl_err *err)
{
	if (s->catalog)
		return 0;
	answer_doing(s, "reading the catalogue of MySQL");
	return s->source->ops->read_catalog(s->source, &s->catalog, err);
}

int session_plan(struct session *s, struct etl_err *err)
{
	int rc;

	if (s->plan)
		return 0;
	rc = session_read_contract(s, err);
	if (!rc)
		rc = session_open_source(s, err);
	if (!rc)
		rc = session_read_catalog(s, err);
	if (rc)
		return rc;
	rc = plan_contract(s, err);
	return end_of_diags(s, rc, err);
}

char *session_find_region(struct session *s, struct etl_err *err)
{
	configure_aws(s);
	return aws_find_region(&s->aws, err);
}

int session_open_sink(struct session *s, struct etl_err *err)
{
	int rc;

	if (s->sink)
		return 0;
	configure_aws(s);
	rc = dynamodb_sink_open(&s->aws, &s->sink, err);
	if (!rc)
		log_debug("target: %s", session_target_text(s));
	return rc;
}

int session_lock(struct session *s, struct etl_err *err)
{
	return s->state ? 0 : state_open(s->opt->state_dir, s->clock,
					 command_of(s->opt->command)->name, &s->state, err);
}

int session_apply_views(struct session *s, bool anew, struct etl_err *err)
{
	struct arena *a;
	const char *grant;
	size_t i, k, n = 0, at = 0;
	struct ddl *ddl;
	int rc;

	if (s->opt->inline_views)
		return 0;
	answer_doing(s, "making the views");
	a = arena_new();
	grant = arena_printf(a, "GRANT CREATE VIEW, DROP, SHOW VIEW, SELECT ON `%s`.* TO ...; or "
			     "'--inline-views' reads without views and needs SELECT only",
			     s->catalog->database);
	for (i = 0; i < s->plan->ntables; i++)
		n += s->plan->tables[i].nentities + 1;
	ddl = arena_alloc(a, n * sizeof(*ddl));
	for (i = 0; i < s->plan->ntables; i++) {
		const struct plan_table *t = &s->plan->tables[i];

		for (k = 0; k <= t->nentities; k++) {
			const struct plan_entity *e = k < t->nentities ? &t->entities[k] : NULL;
			const char *view = e ? e->source.view : t->view;

			ddl[at++] = (struct ddl){
				.sql = e ? e->view_sql : t->view_sql,
				.what = arena_printf(a, "create view '%s'", view),
				.grant_hint = grant,
				.view = view,
				.refused = s->opt->mysql_read_only,
				.marker = anew ? NULL : e ? e->view_marker : t->view_marker,
			};
		}
	}
	rc = s->source->ops->apply(s->source, ddl, at, err);
	if (rc) {
		blame_views(s, err);
		rc = -(int)err->code;
	} else
		log_debug("%zu views applied", at);
	arena_free(a);
	return rc;
}

static bool same_plan(const struct plan *a, const struct plan *b)
{
	size_t i, k;

	if (a->ntables != b->ntables)
		return false;
	for (i = 0; i < a->ntables; i++) {
		if (a->tables[i].nentities != b->tables[i].nentities)
			return false;
		for (k = 0; k < a->tables[i].nentities; k++)
			if (strcmp(a->tables[i].entities[k].view_digest,
				   b->tables[i].entities[k].view_digest) != 0)
				return false;
	}
	return true;
}

int session_look(void *session, struct etl_err *err)
{
	struct session *s = session;
	struct catalog *catalog = NULL;
	struct plan *plan = NULL;
	struct diags diags = { 0 };
	struct etl_err why = { 0 };
	int rc = s->source->ops->read_catalog(s->source, &catalog, err);

	if (rc)
		return rc;
	if (make_plan(s, catalog, &diags, &plan, &why) || !same_plan(plan, s->plan)) {
		rc = etl_err_set(err, ETL_ESOURCE, "the tables of the source were altered during "
				 "the run%s%s", why.code ? ": " : "", why.msg);
		etl_err_hint(err, "'etl check' shows what the contract makes of them now; the same "
			     "command goes on if that is what it was");
	}
	plan_free(plan);
	catalog_free(catalog);
	diags_release(&diags);
	return rc ? rc : session_apply_views(s, false, err);
}

const char *session_source_text(const struct session *s)
{
	return s->source ? mysql_source_describe(s->source) : NULL;
}

const char *session_target_text(const struct session *s)
{
	return s->sink && s->sink->ops->identity ? s->sink->ops->identity(s->sink) : NULL;
}
