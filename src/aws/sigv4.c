#include "aws/sigv4.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include "base/digest.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Order of header names in lower case, byte by byte; a prefix comes first. */
static int name_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < n; i++) {
		int d = (unsigned char)lower(a.ptr[i]) - (unsigned char)lower(b.ptr[i]);

		if (d)
			return d;
	}
	return a.len < b.len ? -1 : a.len > b.len;
}

static void add_name(struct buf *out, struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		buf_addc(out, lower(name.ptr[i]));
}

/* Trimmed, and each run of blanks inside one blank. */
static void add_value(struct buf *out, struct str value)
{
	size_t i = 0, n = value.len;

	while (i < n && blank(value.ptr[i]))
		i++;
	while (n > i && blank(value.ptr[n - 1]))
		n--;
	for (; i < n; i++) {
		if (!blank(value.ptr[i]))
			buf_addc(out, value.ptr[i]);
		else if (!blank(value.ptr[i - 1]))
			buf_addc(out, ' ');
	}
}

void sigv4_canonical_request(const struct sigv4_request *req, struct buf *out,
			     struct buf *signed_headers)
{
	const struct sigv4_header *sorted[SIGV4_MAX_HEADERS];
	size_t n = 0, first_signed = signed_headers->len;
	char hash[65];

	/* Insertion sort: few headers, and it keeps repeated ones in their order. */
	for (size_t i = 0; i < req->nheaders && i < SIGV4_MAX_HEADERS; i++) {
		size_t at = n++;

		while (at > 0 && name_cmp(sorted[at - 1]->name, req->headers[i].name) > 0) {
			sorted[at] = sorted[at - 1];
			at--;
		}
		sorted[at] = &req->headers[i];
	}
	buf_adds(out, req->method);
	buf_addc(out, '\n');
	buf_adds(out, req->path);
	buf_addc(out, '\n');
	buf_adds(out, req->query);
	buf_addc(out, '\n');
	for (size_t i = 0; i < n; i++) {
		bool again = i > 0 && name_cmp(sorted[i - 1]->name, sorted[i]->name) == 0;

		if (again) {
			out->len--;	/* the newline of the value before */
			buf_addc(out, ',');
		} else {
			add_name(out, sorted[i]->name);
			buf_addc(out, ':');
			if (signed_headers->len > first_signed)
				buf_addc(signed_headers, ';');
			add_name(signed_headers, sorted[i]->name);
		}
		add_value(out, sorted[i]->value);
		buf_addc(out, '\n');
	}
	buf_addc(out, '\n');
	buf_add(out, signed_headers->ptr + first_signed, signed_headers->len - first_signed);
	buf_addc(out, '\n');
	sha256_hex(req->body.ptr ? req->body.ptr : "", req->body.len, hash);
	buf_add(out, hash, 64);
}

static void add_scope(const struct sigv4_scope *scope, struct buf *out)
{
	buf_add(out, scope->amz_date, 8);
	buf_addc(out, '/');
	buf_adds(out, scope->region);
	buf_addc(out, '/');
	buf_adds(out, scope->service);
	buf_adds(out, "/aws4_request");
}

void sigv4_string_to_sign(const struct sigv4_scope *scope, struct str canonical, struct buf *out)
{
	char hash[65];

	buf_adds(out, "AWS4-HMAC-SHA256\n");
	buf_adds(out, scope->amz_date);
	buf_addc(out, '\n');
	add_scope(scope, out);
	buf_addc(out, '\n');
	sha256_hex(canonical.ptr, canonical.len, hash);
	buf_add(out, hash, 64);
}

static void wipe_free(char *s)
{
	if (s)
		OPENSSL_cleanse(s, strlen(s));
	free(s);
}

void sigv4_key_release(struct sigv4_key *k)
{
	wipe_free(k->secret_key);
	free(k->region);
	free(k->service);
	OPENSSL_cleanse(k, sizeof(*k));
}

void sigv4_signing_key(struct sigv4_key *cache, const struct sigv4_scope *scope)
{
	struct buf start = { 0 };
	unsigned char a[32], b[32];

	if (cache->set && memcmp(cache->date, scope->amz_date, 8) == 0 &&
	    strcmp(cache->secret_key, scope->secret_key) == 0 &&
	    strcmp(cache->region, scope->region) == 0 &&
	    strcmp(cache->service, scope->service) == 0)
		return;
	sigv4_key_release(cache);
	/* Room for all of it at once: growing would leave a copy of the secret in freed memory. */
	buf_reserve(&start, 5 + strlen(scope->secret_key));
	buf_adds(&start, "AWS4");
	buf_adds(&start, scope->secret_key);
	hmac_sha256(start.ptr, start.len, scope->amz_date, 8, a);
	hmac_sha256(a, sizeof(a), scope->region, strlen(scope->region), b);
	hmac_sha256(b, sizeof(b), scope->service, strlen(scope->service), a);
	hmac_sha256(a, sizeof(a), "aws4_request", 12, cache->key);
	OPENSSL_cleanse(start.ptr, start.len);
	buf_release(&start);
	OPENSSL_cleanse(a, sizeof(a));
	OPENSSL_cleanse(b, sizeof(b));
	memcpy(cache->date, scope->amz_date, 8);
	cache->secret_key = mem_strdup(scope->secret_key);
	cache->region = mem_strdup(scope->region);
	cache->service = mem_strdup(scope->service);
	cache->set = true;
}

void sigv4_signature(const struct sigv4_key *key, struct str string_to_sign, char out[65])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char mac[32];

	hmac_sha256(key->key, sizeof(key->key), string_to_sign.ptr, string_to_sign.len, mac);
	for (size_t i = 0; i < sizeof(mac); i++) {
		out[2 * i] = digits[mac[i] >> 4];
		out[2 * i + 1] = digits[mac[i] & 15];
	}
	out[64] = '\0';
}

int sigv4_authorization(struct sigv4_key *cache, const struct sigv4_scope *scope,
			const struct sigv4_request *req, struct buf *out, struct etl_err *err)
{
	struct buf canonical = { 0 }, names = { 0 }, to_sign = { 0 };
	size_t bytes = 512;
	char signature[65];

	if (req->nheaders > SIGV4_MAX_HEADERS)
		return etl_err_set(err, ETL_EINTERNAL, "cannot sign a request of %zu headers",
				   req->nheaders);
	/* Room at once: growing would leave copies of the session token behind. */
	for (size_t i = 0; i < req->nheaders; i++)
		bytes += req->headers[i].name.len + req->headers[i].value.len;
	buf_reserve(&canonical, bytes);
	buf_reserve(&names, 128);
	buf_reserve(&to_sign, 256);
	sigv4_signing_key(cache, scope);
	sigv4_canonical_request(req, &canonical, &names);
	sigv4_string_to_sign(scope, buf_str(&canonical), &to_sign);
	sigv4_signature(cache, buf_str(&to_sign), signature);
	buf_adds(out, "AWS4-HMAC-SHA256 Credential=");
	buf_adds(out, scope->access_key);
	buf_addc(out, '/');
	add_scope(scope, out);
	buf_adds(out, ", SignedHeaders=");
	buf_addstr(out, buf_str(&names));
	buf_adds(out, ", Signature=");
	buf_add(out, signature, 64);
	/* The canonical request holds the session token. */
	OPENSSL_cleanse(canonical.ptr, canonical.len);
	buf_release(&canonical);
	buf_release(&names);
	buf_release(&to_sign);
	return 0;
}
