#include "aws/sts.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws/http_once.h"
#include "aws/region.h"
#include "aws/sigv4.h"

#define TIMEOUT_MS 10000
#define TRIES 3
#define BODY_MAX_BYTES (128u << 10)
#define FORM "application/x-www-form-urlencoded; charset=utf-8"

static void add_encoded(struct buf *b, const char *s)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-_.~";

	for (; *s; s++) {
		if (strchr(plain, *s))
			buf_addc(b, *s);
		else
			buf_addf(b, "%%%02X", (unsigned)(unsigned char)*s);
	}
}

/* The text of the first element of this name: STS's answers name none twice that matters. The
 * entities that base64, times and keys can come with are undone. False: it is not there. */
static bool element(struct str xml, const char *name, struct buf *out)
{
	static const struct { struct str entity; char c; } entities[] = {
		{ STR("&amp;"), '&' }, { STR("&lt;"), '<' }, { STR("&gt;"), '>' },
		{ STR("&quot;"), '"' }, { STR("&apos;"), '\'' }, { STR("&#xD;"), '\r' },
	};
	struct buf open = { 0 };
	const char *p, *end = xml.ptr + xml.len;
	size_t i;

	buf_addf(&open, "<%s>", name);
	p = xml.len ? memmem(xml.ptr, xml.len, open.ptr, open.len) : NULL;
	if (p)
		p += open.len;
	buf_release(&open);
	if (!p || !memchr(p, '<', (size_t)(end - p)))
		return false;
	buf_reserve(out, 64u << 10);	/* a secret does not move */
	while (*p != '<' && out->len < 60u << 10) {
		for (i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
			struct str e = entities[i].entity;

			if ((size_t)(end - p) >= e.len && memcmp(p, e.ptr, e.len) == 0)
				break;
		}
		if (i < sizeof(entities) / sizeof(entities[0])) {
			buf_addc(out, entities[i].c);
			p += entities[i].entity.len;
		} else {
			buf_addc(out, *p++);
		}
	}
	return out->len > 0;
}

static int read_answer(struct str xml, const char *origin, struct credentials *out,
		       struct etl_err *err)
{
	struct buf id = { 0 }, secret = { 0 }, token = { 0 }, expires = { 0 };
	int64_t expires_utc_ms = 0;
	int rc;

	if (!element(xml, "AccessKeyId", &id) || !element(xml, "SecretAccessKey", &secret) ||
	    !element(xml, "SessionToken", &token) || !element(xml, "Expiration", &expires) ||
	    !credentials_time(buf_cstr(&expires), &expires_utc_ms))
		rc = etl_err_set(err, ETL_ECREDENTIALS, "%s: STS gave no whole credentials", origin);
	else
		rc = credentials_set(out, buf_cstr(&id), buf_cstr(&secret), buf_cstr(&token),
				     origin, err);
	if (!rc)
		out->expires_utc_ms = expires_utc_ms;
	http_wipe(&id);
	http_wipe(&secret);
	http_wipe(&token);
	buf_release(&expires);
	return rc;
}

static int refused(struct str xml, long status, const char *origin, struct etl_err *err)
{
	struct buf code = { 0 }, message = { 0 }, text = { 0 };

	if (element(xml, "Code", &code)) {
		buf_add_printable(&text, buf_str(&code));
		if (element(xml, "Message", &message)) {
			buf_adds(&text, ": ");
			if (message.len > 600)
				message.len = 600;
			buf_add_printable(&text, buf_str(&message));
		}
	} else {
		buf_addf(&text, "HTTP status %ld", status);
	}
	etl_err_set(err, ETL_ECREDENTIALS, "%s: STS refused: %s", origin, buf_cstr(&text));
	buf_release(&code);
	buf_release(&message);
	buf_release(&text);
	return -ETL_ECREDENTIALS;
}

/* Host, type, date, token and signature, one after another in 'lines'; 'headers' points into it. */
static int sign(const struct aws_config *config, const struct endpoint *e,
		const struct credentials *signer, struct str body, struct buf *lines,
		const char **headers, size_t *nheaders, struct etl_err *err)
{
	struct clock *clock = config->clock ? config->clock : clock_real();
	time_t now = (time_t)(clock->utc_ms(clock) / 1000);
	struct buf authorization = { 0 };
	struct sigv4_key key = { 0 };
	struct sigv4_header list[4];
	char date[32];
	struct tm tm;
	size_t n = 0, i;
	int rc;

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%Y%m%dT%H%M%SZ", &tm);
	list[n++] = (struct sigv4_header){ STR("Host"), str_of(e->host) };
	list[n++] = (struct sigv4_header){ STR("Content-Type"), STR(FORM) };
	list[n++] = (struct sigv4_header){ STR("X-Amz-Date"), str_of(date) };
	if (signer->session_token)
		list[n++] = (struct sigv4_header){ STR("X-Amz-Security-Token"),
						   str_of(signer->session_token) };
	struct sigv4_scope scope = { signer->access_key, signer->secret_key, e->region, "sts",
				     date };
	struct sigv4_request request = { "POST", "/", "", list, n, body };

	rc = sigv4_authorization(&key, &scope, &request, &authorization, err);
	buf_reserve(lines, BODY_MAX_BYTES);
	for (i = 0; i < n && !rc; i++) {
		headers[i] = lines->ptr + lines->len;
		buf_addf(lines, "%s: %s", list[i].name.ptr, list[i].value.ptr);
		buf_addc(lines, '\0');
	}
	headers[n] = lines->ptr + lines->len;
	buf_addf(lines, "Authorization: %s", rc ? "" : buf_cstr(&authorization));
	buf_addc(lines, '\0');
	*nheaders = n + 1;
	sigv4_key_release(&key);
	buf_release(&authorization);
	return rc;
}

static int send(const struct aws_config *config, const struct endpoint *e, struct str body,
		const struct credentials *signer, const char *origin, struct credentials *out,
		struct etl_err *err)
{
	struct buf lines = { 0 }, answer = { 0 };
	const char *headers[6] = { "Content-Type: " FORM };
	struct http_once call = {
		.method = "POST", .url = e->url, .shown = e->url, .headers = headers,
		.nheaders = 1, .body = body, .ca_bundle = e->ca_bundle,
		.bypass_proxy = e->bypass_proxy, .timeout_ms = TIMEOUT_MS, .stop = config->stop,
	};
	int rc = 0, tries;
	long status = 0;

	if (signer)
		rc = sign(config, e, signer, body, &lines, headers, &call.nheaders, err);
	for (tries = 1; !rc; tries++) {
		struct etl_err why = { 0 };

		rc = http_once(&call, &status, &answer, &why);
		if (rc == -ETL_ESTOPPED || (rc && tries == TRIES)) {
			etl_err_copy(err, &why);
			break;
		}
		if (!rc && (status < 500 || tries == TRIES))
			break;
		rc = 0;
	}
	if (!rc)
		rc = status == 200 ? read_answer(buf_str(&answer), origin, out, err)
				   : refused(buf_str(&answer), status, origin, err);
	http_wipe(&lines);
	http_wipe(&answer);
	return rc;
}

int sts_call(const struct aws_config *config, const struct aws_profile *profile,
	     const char *action, const struct sts_parameter *parameters, size_t n,
	     const struct credentials *signer, const char *origin, struct credentials *out,
	     struct etl_err *err)
{
	struct endpoint e;
	struct buf body = { 0 };
	size_t i;
	int rc = endpoint_resolve_sts(config, profile->chosen ? profile->chosen : profile,
				      &e, err);

	if (rc)
		return rc;
	buf_reserve(&body, BODY_MAX_BYTES);
	buf_addf(&body, "Action=%s&Version=2011-06-15", action);
	for (i = 0; i < n; i++) {
		if (!parameters[i].value)
			continue;
		buf_addf(&body, "&%s=", parameters[i].name);
		add_encoded(&body, parameters[i].value);
	}
	rc = send(config, &e, buf_str(&body), signer, origin, out, err);
	http_wipe(&body);
	endpoint_release(&e);
	return rc;
}
