#include "aws/rds_token.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <time.h>

#include "aws/credentials.h"
#include "aws/sigv4.h"

#define GOOD_FOR_S "900"

/* Everything but letters, digits and -_.~ as %XX. */
static void add_encoded(struct buf *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    strchr("-_.~", c))
			buf_addc(out, (char)c);
		else
			buf_addf(out, "%%%02X", c);
	}
}

/* "eu-central-1" of "shop.abc.eu-central-1.rds.amazonaws.com"; NULL if the name is no such one. */
static char *region_of_host(const char *host)
{
	const char *end = strstr(host, ".rds.amazonaws.com"), *begin = end;

	if (!end)
		return NULL;
	while (begin > host && begin[-1] != '.')
		begin--;
	return begin > host && begin < end ? mem_strndup(begin, (size_t)(end - begin)) : NULL;
}

/* Sorted by name, as it is signed. */
static void add_query(struct buf *out, const struct sigv4_scope *scope, const char *token,
		      const char *user)
{
	buf_adds(out, "Action=connect&DBUser=");
	add_encoded(out, user);
	buf_adds(out, "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=");
	add_encoded(out, scope->access_key);
	buf_addf(out, "%%2F%.8s%%2F%s%%2F%s%%2Faws4_request&X-Amz-Date=%s&X-Amz-Expires=" GOOD_FOR_S,
		 scope->amz_date, scope->region, scope->service, scope->amz_date);
	if (token) {
		buf_adds(out, "&X-Amz-Security-Token=");
		add_encoded(out, token);
	}
	buf_adds(out, "&X-Amz-SignedHeaders=host");
}

static void sign(const struct sigv4_scope *scope, const char *token, const char *address,
		 const char *user, struct buf *out)
{
	struct sigv4_header host = { STR("host"), str_of(address) };
	struct sigv4_key key = { 0 };
	struct buf query = { 0 }, canonical = { 0 }, names = { 0 }, to_sign = { 0 };
	size_t bytes = 1024 + 3 * strlen(user) + 3 * (token ? strlen(token) : 0);
	struct sigv4_request request;
	char signature[65];

	/* Room at once: growing would leave copies of the session token behind. */
	buf_reserve(&query, bytes);
	buf_reserve(&canonical, bytes + 512);
	buf_reserve(out, bytes + 512);
	add_query(&query, scope, token, user);
	request = (struct sigv4_request){
		.method = "GET", .path = "/", .query = buf_cstr(&query), .headers = &host,
		.nheaders = 1,
	};
	sigv4_canonical_request(&request, &canonical, &names);
	sigv4_string_to_sign(scope, buf_str(&canonical), &to_sign);
	sigv4_signing_key(&key, scope);
	sigv4_signature(&key, buf_str(&to_sign), signature);
	buf_addf(out, "%s/?", address);
	buf_addstr(out, buf_str(&query));
	buf_addf(out, "&X-Amz-Signature=%s", signature);
	sigv4_key_release(&key);
	OPENSSL_cleanse(query.ptr, query.len);
	OPENSSL_cleanse(canonical.ptr, canonical.len);
	buf_release(&query);
	buf_release(&canonical);
	buf_release(&names);
	buf_release(&to_sign);
}

int aws_rds_token(const struct aws_config *config, const char *host, unsigned port, const char *user,
		  struct buf *out, struct etl_err *err)
{
	struct clock *clock = config->clock ? config->clock : clock_real();
	time_t now = (time_t)(clock->utc_ms(clock) / 1000);
	char *region = region_of_host(host);
	struct credentials credentials;
	struct buf address = { 0 };
	char date[20];
	struct tm tm;
	int rc;

	if (!region)
		region = aws_find_region(config, err);
	if (!region)
		return -(int)err->code;
	rc = credentials_load(config, false, &credentials, err);
	if (rc) {
		free(region);
		return rc;
	}
	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%Y%m%dT%H%M%SZ", &tm);
	buf_addf(&address, "%s:%u", host, port);
	sign(&(struct sigv4_scope){
		.access_key = credentials.access_key, .secret_key = credentials.secret_key,
		.region = region, .service = "rds-db", .amz_date = date,
	}, credentials.session_token, buf_cstr(&address), user, out);
	credentials_release(&credentials);
	buf_release(&address);
	free(region);
	return 0;
}
