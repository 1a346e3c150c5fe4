/*
 * Provider: the credentials endpoint of ECS, EKS Pod Identity and what is like them, at the address
 * in the environment. A token file is read anew each time: it is rotated.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
#include "aws/credentials.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "aws/http_once.h"
#include "base/file.h"

#define ECS_HOST "http://169.254.170.2"
#define TOKEN_MAX_BYTES (64u << 10)
#define TIMEOUT_MS 2000
#define TRIES 3

/* By http a token goes only to this machine and to the two agents' own addresses. */
static bool is_local(const char *host)
{
	static const char *const hosts[] = { "localhost", "[::1]", "169.254.170.2",
					     "169.254.170.23", "[fd00:ec2::23]" };
	size_t i;

	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (strcasecmp(host, hosts[i]) == 0)
			return true;
	return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host);
}

static const char *check_url(const char *url)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL;
	const char *why = NULL;

	if (!u || curl_url_set(u, CURLUPART_URL, url, 0) ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) || !*host)
		why = "it is no URL";
	else if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
		why = "it is neither http nor https";
	else if (strcmp(scheme, "http") == 0 && !is_local(host))
		why = "http is only for this machine and the container agents' addresses";
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(u);
	return why;
}

/* The Authorization header, if there is a token; 'line' is the caller's to wipe. */
static int read_token(const struct aws_config *config, struct buf *line, struct etl_err *err)
{
	const char *file = aws_getenv(config, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *token = aws_getenv(config, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
	const char *p;

	buf_reserve(line, TOKEN_MAX_BYTES + 32);
	if (!file && !token)
		return 0;
	buf_adds(line, "Authorization: ");
	if (!file) {
		buf_adds(line, token);
	} else if (file_read(file, TOKEN_MAX_BYTES, line, err)) {
		err->code = ETL_ECREDENTIALS;
		return -ETL_ECREDENTIALS;
	}
	p = buf_cstr(line);
	if (strlen(p) != line->len || strpbrk(p, "\r\n"))
		return etl_err_set(err, ETL_ECREDENTIALS, "the container's authorization token "
				   "has a line break or a NUL byte");
	return 0;
}

/* A failure that may pass is tried again at once. */
static int fetch(const struct http_once *call, long *status, struct buf *body,
		 struct etl_err *err)
{
	int rc, tries;

	for (tries = 1;; tries++) {
		struct etl_err why = { 0 };

		rc = http_once(call, status, body, &why);
		if (!rc && (*status < 500 || tries == TRIES))
			return 0;
		if (rc == -ETL_ESTOPPED || tries == TRIES)
			return etl_err_copy(err, &why);
	}
}

int credentials_container(const struct aws_config *config, struct credentials *out,
			  struct etl_err *err)
{
	static const char origin[] = "the container credentials endpoint";
	const char *relative = aws_getenv(config, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = aws_getenv(config, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
	const char *bundle = config->ca_bundle;
	struct buf url = { 0 }, line = { 0 };
	struct buf body = { 0 };
	const char *headers[2] = { "Accept: application/json" };
	const char *why;
	long status = 0;
	int rc;

	if (!relative && !full)
		return 0;
	if (relative)
		buf_addf(&url, ECS_HOST "%s%s", *relative == '/' ? "" : "/", relative);
	else
		buf_adds(&url, full);
	why = check_url(buf_cstr(&url));
	if (!bundle)
		bundle = aws_getenv(config, "AWS_CA_BUNDLE");
	if (why)
		rc = etl_err_set(err, ETL_ECREDENTIALS, "AWS_CONTAINER_CREDENTIALS_%s_URI cannot be "
				 "used: %s", relative ? "RELATIVE" : "FULL", why);
	else
		rc = read_token(config, &line, err);
	headers[1] = buf_cstr(&line);
	struct http_once call = {
		/* the path may be as good as a password */
		.method = "GET", .url = buf_cstr(&url), .shown = origin, .headers = headers,
		.nheaders = line.len ? 2 : 1, .ca_bundle = bundle, .bypass_proxy = true,
		.timeout_ms = TIMEOUT_MS, .stop = config->stop,
	};

	if (!rc)
		rc = fetch(&call, &status, &body, err);
	if (!rc && status != 200)
		rc = etl_err_set(err, ETL_ECREDENTIALS, "%s answered with status %ld", origin,
				 status);
	if (!rc)
		rc = credentials_from_json(out, buf_str(&body), "Token", origin, err);
	http_wipe(&line);
	http_wipe(&body);
	buf_release(&url);
	return rc ? rc : 1;
}
