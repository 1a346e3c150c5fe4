/*
 * Option files are read here and not by the client library: the two libraries know different
 * options (libmariadb no ssl-mode), and both let a file override what the program must fix, such
 * as the character set and LOCAL INFILE.
 * https://dev.mysql.com/doc/refman/en/option-files.html
 */
#include "source/mysql/mysql_priv.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"

#define MAX_INCLUDE_DEPTH 10

static void set_text(char **slot, const char *value)
{
	if (*slot)
		explicit_bzero(*slot, strlen(*slot));
	free(*slot);
	*slot = value && *value ? mem_strdup(value) : NULL;
}

static bool ssl_mode_parse(const char *value, enum mysql_ssl_mode *out)
{
	static const struct { const char *name; enum mysql_ssl_mode mode; } modes[] = {
		{ "disabled", MYSQL_SSL_DISABLED }, { "preferred", MYSQL_SSL_PREFERRED },
		{ "required", MYSQL_SSL_REQUIRED }, { "verify_ca", MYSQL_SSL_VERIFY_CA },
		{ "verify-ca", MYSQL_SSL_VERIFY_CA },
		{ "verify_identity", MYSQL_SSL_VERIFY_IDENTITY },
		{ "verify-identity", MYSQL_SSL_VERIFY_IDENTITY },
	};
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcasecmp(value, modes[i].name) == 0) {
			*out = modes[i].mode;
			return true;
		}
	return false;
}

static bool is_off(const char *value)
{
	return strcmp(value, "0") == 0 || strcasecmp(value, "off") == 0 ||
	       strcasecmp(value, "false") == 0;
}

static bool parse_unsigned(const char *value, unsigned long max, unsigned *out)
{
	char *end;
	unsigned long n;

	if (*value < '0' || *value > '9')
		return false;
	n = strtoul(value, &end, 10);
	if (*end || n > max)
		return false;
	*out = (unsigned)n;
	return true;
}

static void ssl_at_least(struct settings *s, enum mysql_ssl_mode mode)
{
	if (!s->ssl_mode_given || s->ssl_mode < mode)
		s->ssl_mode = mode;
	s->ssl_mode_given = true;
}

/* False if the value is wrong. *known says whether the option is one of ours. */
static bool set_option(struct settings *s, const char *name, const char *value, bool *known)
{
	const struct { const char *name; char **slot; } texts[] = {
		{ "host", &s->host }, { "socket", &s->socket }, { "user", &s->user },
		{ "password", &s->password }, { "database", &s->database },
		{ "ssl-ca", &s->ssl_ca }, { "ssl-capath", &s->ssl_capath },
		{ "ssl-cert", &s->ssl_cert }, { "ssl-key", &s->ssl_key },
	};
	size_t i;

	*known = true;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(name, texts[i].name) == 0) {
			set_text(texts[i].slot, value);
			return true;
		}
	if (strcmp(name, "port") == 0)
		return parse_unsigned(value, 65535, &s->port);
	if (strcmp(name, "connect-timeout") == 0)
		return parse_unsigned(value, 31536000, &s->connect_timeout_s);
	if (strcmp(name, "ssl-mode") == 0) {
		s->ssl_mode_given = true;
		return ssl_mode_parse(value, &s->ssl_mode);
	}
	/* MariaDB's tools have three switches for the same thing */
	if (strcmp(name, "skip-ssl") == 0 || (strcmp(name, "ssl") == 0 && is_off(value))) {
		s->ssl_mode = MYSQL_SSL_DISABLED;
		s->ssl_mode_given = true;
	} else if (strcmp(name, "ssl") == 0) {
		ssl_at_least(s, MYSQL_SSL_REQUIRED);
	} else if (strcmp(name, "ssl-verify-server-cert") == 0) {
		if (!is_off(value))
			ssl_at_least(s, MYSQL_SSL_VERIFY_IDENTITY);
	} else {
		*known = false;
	}
	return true;
}

/* Cuts a '#' comment that is not between quotes. */
static void cut_comment(char *p)
{
	char quote = '\0';

	for (; *p; p++) {
		if (*p == '\\' && quote && p[1]) {
			p++;
		} else if (*p == '\'' || *p == '"') {
			if (!quote)
				quote = *p;
			else if (quote == *p)
				quote = '\0';
		} else if (*p == '#' && !quote) {
			*p = '\0';
			return;
		}
	}
}

static char *trim(char *p)
{
	size_t n;

	while (isspace((unsigned char)*p))
		p++;
	n = strlen(p);
	while (n && isspace((unsigned char)p[n - 1]))
		p[--n] = '\0';
	return p;
}

/* Takes quotes off and resolves \b \t \n \r \\ \s in place. */
static char *unquote(char *p)
{
	static const char from[] = "btnrs\\\"'", to[] = "\b\t\n\r \\\"'";
	size_t n = strlen(p);
	char *out, *start;
	const char *at;

	if (n >= 2 && (p[0] == '\'' || p[0] == '"') && p[n - 1] == p[0]) {
		p[n - 1] = '\0';
		p++;
	}
	for (start = out = p; *p; p++) {
		at = *p == '\\' && p[1] ? strchr(from, p[1]) : NULL;
		if (at) {
			*out++ = to[at - from];
			p++;
		} else {
			*out++ = *p;
		}
	}
	*out = '\0';
	return start;
}

static int read_file(struct settings *s, const char *path, bool missing_ok, int depth,
		     struct etl_err *err);

static int include_dir(struct settings *s, const char *path, int depth, struct etl_err *err)
{
	struct dirent **entries = NULL;
	int n = scandir(path, &entries, NULL, alphasort), i, rc = 0;
	struct buf file = { 0 };
	size_t len;

	for (i = 0; i < n; i++) {
		len = strlen(entries[i]->d_name);
		if (rc == 0 && len > 4 && strcmp(entries[i]->d_name + len - 4, ".cnf") == 0) {
			buf_reset(&file);
			buf_addf(&file, "%s/%s", path, entries[i]->d_name);
			rc = read_file(s, buf_cstr(&file), true, depth, err);
		}
		free(entries[i]);
	}
	free(entries);
	buf_release(&file);
	return rc;
}

enum group { GROUP_OTHER, GROUP_CLIENT, GROUP_ETL };

static int read_option(struct settings *s, char *line, enum group group, const char *path,
		       unsigned number, struct etl_err *err)
{
	char *equals = strchr(line, '='), *name, *value, *p;
	static char nothing[] = "";
	bool known, loose;

	cut_comment(line);
	if (equals)
		*equals = '\0';
	name = trim(line);
	value = equals ? unquote(trim(equals + 1)) : nothing;
	for (p = name; *p; p++)
		if (*p == '_')
			*p = '-';
	loose = strncmp(name, "loose-", 6) == 0;
	if (loose)
		name += 6;
	if (!set_option(s, name, value, &known))
		return etl_err_set(err, ETL_EUSAGE, "'%s', line %u: wrong value of option '%s'",
				   path, number, name);
	if (!known && group == GROUP_ETL && !loose)
		log_warn("'%s', line %u: unknown option '%s' in [etl]", path, number, name);
	return 0;
}

static int read_file(struct settings *s, const char *path, bool missing_ok, int depth,
		     struct etl_err *err)
{
	enum group group = GROUP_OTHER;
	char *line = NULL, *p, *end;
	size_t cap = 0;
	unsigned number = 0;
	struct stat st;
	int rc = 0;
	FILE *f;

	f = fopen(path, "re");
	if (!f) {
		if (missing_ok)
			return 0;
		return etl_err_set(err, ETL_EUSAGE, "cannot read option file '%s': %s", path,
				   strerror(errno));
	}
	if (fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IWOTH)) {
		log_warn("option file '%s' is passed over: everybody can write it", path);
		fclose(f);
		return 0;
	}
	while (rc == 0 && getline(&line, &cap, f) >= 0) {
		number++;
		p = trim(line);
		if (!*p || *p == '#' || *p == ';')
			continue;
		if (*p == '[') {
			end = strchr(p, ']');
			if (end)
				*end = '\0';
			p = trim(p + 1);
			group = strcmp(p, "client") == 0 ? GROUP_CLIENT :
				strcmp(p, "etl") == 0 ? GROUP_ETL : GROUP_OTHER;
		} else if (*p == '!') {
			if (depth >= MAX_INCLUDE_DEPTH)
				continue;
			if (strncmp(p, "!includedir", 11) == 0 && isspace((unsigned char)p[11]))
				rc = include_dir(s, trim(p + 11), depth + 1, err);
			else if (strncmp(p, "!include", 8) == 0 && isspace((unsigned char)p[8]))
				rc = read_file(s, trim(p + 8), true, depth + 1, err);
		} else if (group != GROUP_OTHER) {
			rc = read_option(s, p, group, path, number, err);
		}
	}
	if (line)
		explicit_bzero(line, cap);
	free(line);
	fclose(f);
	return rc;
}

int settings_read_file(struct settings *s, const char *path, bool missing_ok, struct etl_err *err)
{
	return read_file(s, path, missing_ok, 0, err);
}

static int read_usual_files(struct settings *s, struct etl_err *err)
{
	const char *home = getenv("HOME");
	struct buf path = { 0 };
	int rc = settings_read_file(s, "/etc/my.cnf", true, err);

	if (rc == 0)
		rc = settings_read_file(s, "/etc/mysql/my.cnf", true, err);
	if (rc == 0 && home && *home) {
		buf_addf(&path, "%s/.my.cnf", home);
		rc = settings_read_file(s, buf_cstr(&path), true, err);
	}
	buf_release(&path);
	return rc;
}

static char *login_name(void)
{
	struct passwd pw, *found = NULL;
	char room[4096];

	if (getpwuid_r(geteuid(), &pw, room, sizeof(room), &found) == 0 && found)
		return mem_strdup(found->pw_name);
	return mem_strdup("root");
}

static int check(const struct settings *s, struct etl_err *err)
{
	int rc;

	if (!s->database) {
		rc = etl_err_set(err, ETL_EUSAGE, "no source database named");
		etl_err_hint(err, "say it with --mysql-database");
		return rc;
	}
	/* the client library takes brackets and commas for a list of servers, and what it cannot read
	 * of that for this machine */
	if (s->host[strspn(s->host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789.-_:%")] || !*s->host)
		return etl_err_set(err, ETL_EUSAGE, "'%s' is no name or address of a MySQL server",
				   s->host);
	if (s->token && (s->ssl_mode != MYSQL_SSL_VERIFY_IDENTITY || s->by_socket)) {
		rc = etl_err_set(err, ETL_EUSAGE, "'--mysql-auth iam' needs '--mysql-ssl-mode "
				 "verify-identity' and a host: the token is sent in clear");
		etl_err_hint(err, "--mysql-ssl-ca names the CA certificates, of Amazon RDS those of "
			     "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem");
		return rc;
	}
	if (s->ssl_mode >= MYSQL_SSL_VERIFY_CA && !s->ssl_ca && !s->ssl_capath) {
		rc = etl_err_set(err, ETL_EUSAGE, "no CA to verify the MySQL server against");
		etl_err_hint(err, "name a file of CA certificates with --mysql-ssl-ca");
		return rc;
	}
	if (s->ssl_ca && s->ssl_mode >= MYSQL_SSL_VERIFY_CA && access(s->ssl_ca, R_OK) != 0)
		return etl_err_set(err, ETL_EUSAGE, "cannot read CA file '%s': %s", s->ssl_ca,
				   strerror(errno));
	return 0;
}

int settings_resolve(struct settings *s, const struct mysql_config *config, struct etl_err *err)
{
	bool local;
	int rc = config->defaults_file ?
		 settings_read_file(s, config->defaults_file, false, err) :
		 read_usual_files(s, err);

	if (rc < 0)
		return rc;
	if (config->host)
		set_text(&s->host, config->host);
	if (config->socket)
		set_text(&s->socket, config->socket);
	if (config->user)
		set_text(&s->user, config->user);
	if (config->database)
		set_text(&s->database, config->database);
	if (config->password)
		set_text(&s->password, config->password);
	else if (!s->password)
		set_text(&s->password, getenv("MYSQL_PWD"));
	if (config->ssl_ca)
		set_text(&s->ssl_ca, config->ssl_ca);
	if (config->port)
		s->port = config->port;
	if (config->connect_timeout_s)
		s->connect_timeout_s = config->connect_timeout_s;
	if (config->ssl_mode_given) {
		s->ssl_mode = config->ssl_mode;
	} else if (!s->ssl_mode_given) {
		/* who names a CA wants it looked at */
		s->ssl_mode = config->ssl_ca ? MYSQL_SSL_VERIFY_CA : MYSQL_SSL_PREFERRED;
	}
	s->token = config->token;
	s->token_arg = config->token_arg;
	if (s->token && !config->ssl_mode_given)
		s->ssl_mode = MYSQL_SSL_VERIFY_IDENTITY;
	if (!s->host)
		set_text(&s->host, "localhost");
	if (!s->user)
		s->user = login_name();
	if (!s->port)
		s->port = 3306;
	if (!s->connect_timeout_s)
		s->connect_timeout_s = 10;
	/* A port on the command line means TCP: MySQL's tools would connect to whatever server
	 * has the socket, which may be another one. */
	local = strcmp(s->host, "localhost") == 0;
	if (config->socket && !local)
		return etl_err_set(err, ETL_EUSAGE, "--mysql-socket '%s' needs --mysql-host "
				   "localhost, not '%s'", config->socket, s->host);
	s->by_socket = local && (config->socket || !config->port);
	return check(s, err);
}

void settings_release(struct settings *s)
{
	char **texts[] = {
		&s->host, &s->socket, &s->user, &s->password, &s->database, &s->ssl_ca,
		&s->ssl_capath, &s->ssl_cert, &s->ssl_key,
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		set_text(texts[i], NULL);
}
