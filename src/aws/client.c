/*
 * The client holds what all threads share: endpoint, credentials, clock offset. A call takes a
 * copy of the credentials under the mutex and signs with that. When the service says they ran out,
 * the first thread to come back loads them again; the generation tells the others, whose calls
 * were signed with the old ones, that it is already done.
 */
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include "aws/aws.h"
#include "aws/credentials.h"
#include "aws/errors.h"
#include "aws/http.h"
#include "aws/region.h"
#include "aws/sigv4.h"
#include "base/log.h"

/* Credentials that expire are replaced this long before, with a pause between tries. */
#define REFRESH_BEFORE_MS (10 * 60 * 1000)
#define REFRESH_PAUSE_MS (60 * 1000)
/* DynamoDB allows five minutes; below this a refused signature has another reason. */
#define SKEW_MIN_MS (4 * 60 * 1000)

struct aws_client {
	const struct aws_config *config;	/* these four set before any thread starts */
	struct clock *clock;
	struct endpoint endpoint;
	struct http_options http;
	atomic_llong skew_ms;		/* the service's clock minus ours */
	pthread_mutex_t mutex;		/* for those below */
	int64_t refreshed_ms;		/* when that was tried last; 0: never */
	struct credentials credentials;
	uint64_t generation;		/* of them, from 1 */
};

struct aws_conn {			/* one thread only */
	struct aws_client *client;
	struct http_conn *http;
	struct credentials credentials;	/* copy of the client's */
	uint64_t generation;
	struct sigv4_key key;
	struct buf headers, authorization;	/* of the last call */
	char date[32];			/* of the last call, "" before the first */
	time_t dated;			/* its second */
	struct http_answer answer;
	char error_name[64];
	bool maybe_twice;		/* the last call */
};

int aws_client_open(const struct aws_config *config, struct aws_client **out, struct etl_err *err)
{
	struct aws_client *c = mem_zalloc(sizeof(*c));
	struct aws_profile profile;
	int rc;

	c->config = config;
	c->clock = config->clock ? config->clock : clock_real();
	pthread_mutex_init(&c->mutex, NULL);
	rc = aws_profile_load(config, &profile, err);
	if (!rc) {
		rc = endpoint_resolve(config, &profile, &c->endpoint, err);
		aws_profile_release(&profile);
	}
	if (!rc)
		rc = credentials_load(config, c->endpoint.loopback, &c->credentials, err);
	if (rc) {
		aws_client_close(c);
		return rc;
	}
	c->generation = 1;
	c->http.url = c->endpoint.url;
	c->http.ca_bundle = c->endpoint.ca_bundle;
	c->http.bypass_proxy = c->endpoint.bypass_proxy;
	c->http.connect_timeout_ms = config->connect_timeout_ms ? config->connect_timeout_ms
								 : 10 * 1000;
	c->http.call_timeout_ms = config->call_timeout_ms ? config->call_timeout_ms : 120 * 1000;
	c->http.stop = config->stop;
	if (!c->endpoint.tls && !c->endpoint.loopback)
		log_warn("the endpoint '%s' is not encrypted: items and signatures can be read on "
			 "the way", c->endpoint.url);
	*out = c;
	return 0;
}

void aws_client_close(struct aws_client *c)
{
	if (!c)
		return;
	endpoint_release(&c->endpoint);
	credentials_release(&c->credentials);
	pthread_mutex_destroy(&c->mutex);
	free(c);
}

/* Puts fresh credentials in place of the client's. The mutex is held. */
static void replace(struct aws_client *client, struct credentials *fresh)
{
	bool same = credentials_equal(fresh, &client->credentials);

	credentials_release(&client->credentials);
	client->credentials = *fresh;
	if (!same)
		client->generation++;
}

/*
 * The mutex is held: who comes meanwhile needs what is fetched. Where nothing better can be had the
 * old ones go on as long as the service takes them.
 */
static void refresh(struct aws_client *client)
{
	int64_t expires = client->credentials.expires_utc_ms;
	int64_t now_ms = client->clock->now_ms(client->clock);
	struct credentials fresh;
	struct etl_err why = { 0 };

	if (!expires || client->clock->utc_ms(client->clock) + REFRESH_BEFORE_MS < expires ||
	    (client->refreshed_ms && now_ms - client->refreshed_ms < REFRESH_PAUSE_MS))
		return;
	client->refreshed_ms = now_ms ? now_ms : 1;
	if (credentials_load(client->config, client->endpoint.loopback, &fresh, &why) == 0)
		replace(client, &fresh);
	else if (why.code != ETL_ESTOPPED)
		log_warn("the AWS credentials of %s expire soon, and others cannot be had: %s",
			 client->credentials.origin, why.msg);
}

const char *aws_client_region(const struct aws_client *c)
{
	return c->endpoint.region;
}

const char *aws_client_url(const struct aws_client *c)
{
	return c->endpoint.url;
}

bool aws_client_is_aws(const struct aws_client *c)
{
	return c->endpoint.is_aws;
}

int aws_conn_open(struct aws_client *client, struct aws_conn **out, struct etl_err *err)
{
	struct aws_conn *c = mem_zalloc(sizeof(*c));
	int rc;

	c->client = client;
	rc = http_open(&client->http, &c->http, err);
	if (rc) {
		free(c);
		return rc;
	}
	*out = c;
	return 0;
}

/* The headers hold the session token. */
static void wipe(struct buf *b)
{
	if (b->ptr)
		OPENSSL_cleanse(b->ptr, b->cap);
	buf_release(b);
}

void aws_conn_close(struct aws_conn *c)
{
	if (!c)
		return;
	http_close(c->http);
	credentials_release(&c->credentials);
	sigv4_key_release(&c->key);
	wipe(&c->headers);
	buf_release(&c->authorization);
	http_answer_release(&c->answer);
	free(c);
}

void aws_conn_limit(struct aws_conn *c, int64_t timeout_ms)
{
	http_limit(c->http, timeout_ms);
}

const char *aws_conn_error_name(const struct aws_conn *c)
{
	return c->error_name;
}

bool aws_conn_maybe_twice(const struct aws_conn *c)
{
	return c->maybe_twice;
}

struct str aws_conn_error_body(const struct aws_conn *c)
{
	return *c->error_name ? buf_str(&c->answer.body) : (struct str){ 0 };
}

static void copy_credentials(struct aws_conn *c)
{
	struct aws_client *client = c->client;
	const struct credentials *from = &client->credentials;

	pthread_mutex_lock(&client->mutex);
	refresh(client);
	if (c->generation != client->generation) {
		credentials_release(&c->credentials);
		c->credentials.access_key = mem_strdup(from->access_key);
		c->credentials.secret_key = mem_strdup(from->secret_key);
		if (from->session_token)
			c->credentials.session_token = mem_strdup(from->session_token);
		c->credentials.origin = mem_strdup(from->origin);
		c->generation = client->generation;
	}
	pthread_mutex_unlock(&client->mutex);
}

/* Loads the credentials again unless another thread has done so since this call was signed. True
 * if there are others now than the ones that were refused. */
static bool reload_credentials(struct aws_conn *c)
{
	struct aws_client *client = c->client;
	struct credentials fresh;
	struct etl_err ignored = { 0 };	/* the refusal itself is the error to show */
	bool changed;

	pthread_mutex_lock(&client->mutex);
	if (c->generation == client->generation &&
	    credentials_load(client->config, client->endpoint.loopback, &fresh, &ignored) == 0)
		replace(client, &fresh);
	changed = c->generation != client->generation;
	pthread_mutex_unlock(&client->mutex);
	return changed;
}

static void add_line(struct buf *headers, struct str name, struct str value)
{
	buf_addstr(headers, name);
	buf_adds(headers, ": ");
	buf_addstr(headers, value);
	buf_adds(headers, "\r\n");
}

/* The time of a call as signatures have it; it is the same for all of one second. */
static void set_date(struct aws_conn *c)
{
	struct clock *clock = c->client->clock;
	int64_t now_ms = clock->utc_ms(clock) + atomic_load(&c->client->skew_ms);
	time_t now = (time_t)(now_ms / 1000);
	struct tm tm;

	if (c->date[0] && c->dated == now)
		return;
	gmtime_r(&now, &tm);
	strftime(c->date, sizeof(c->date), "%Y%m%dT%H%M%SZ", &tm);
	c->dated = now;
}

/* Signs and sends once. */
static int send_once(struct aws_conn *c, const char *target, struct str body, struct etl_err *err)
{
	struct aws_client *client = c->client;
	enum { HOST, TYPE, TARGET, DATE, TOKEN, MOST };
	struct sigv4_header headers[MOST];
	size_t n = TOKEN;
	int rc;

	copy_credentials(c);
	set_date(c);
	headers[HOST] = (struct sigv4_header){ STR("Host"), str_of(client->endpoint.host) };
	headers[TYPE] = (struct sigv4_header){ STR("Content-Type"),
					       STR("application/x-amz-json-1.0") };
	headers[TARGET] = (struct sigv4_header){ STR("X-Amz-Target"), str_of(target) };
	headers[DATE] = (struct sigv4_header){ STR("X-Amz-Date"), str_of(c->date) };
	if (c->credentials.session_token)
		headers[n++] = (struct sigv4_header){ STR("X-Amz-Security-Token"),
						      str_of(c->credentials.session_token) };
	struct sigv4_scope scope = {
		.access_key = c->credentials.access_key, .secret_key = c->credentials.secret_key,
		.region = client->endpoint.region, .service = "dynamodb", .amz_date = c->date,
	};
	struct sigv4_request request = {
		.method = "POST", .path = "/", .query = "", .headers = headers, .nheaders = n,
		.body = body,
	};

	buf_reset(&c->authorization);
	rc = sigv4_authorization(&c->key, &scope, &request, &c->authorization, err);
	if (rc)
		return rc;
	buf_reset(&c->headers);
	/* Room at once for all but a session token: growing leaves copies behind. */
	buf_reserve(&c->headers, 1024 + (n > TOKEN ? headers[TOKEN].value.len : 0));
	for (size_t i = 0; i < n; i++)
		add_line(&c->headers, headers[i].name, headers[i].value);
	add_line(&c->headers, STR("Authorization"), buf_str(&c->authorization));
	add_line(&c->headers, STR("User-Agent"), STR("etl"));
	return http_post(c->http, buf_str(&c->headers), body, &c->answer, err);
}

/* Takes the service's time from its refusal. True if our clock was off by enough to explain it,
 * and the offset is new. */
static bool correct_clock(struct aws_conn *c)
{
	struct aws_client *client = c->client;
	int64_t used = atomic_load(&client->skew_ms), offset, theirs_ms;

	if (!http_date_ms(c->answer.date, &theirs_ms))
		return false;
	offset = theirs_ms - client->clock->utc_ms(client->clock);
	if (offset - used < SKEW_MIN_MS && used - offset < SKEW_MIN_MS)
		return false;
	atomic_store(&client->skew_ms, offset);
	log_warn("this machine's clock is off by %lld s against '%s'; requests are signed with the "
		 "service's time", (long long)(offset / 1000), client->endpoint.url);
	return true;
}

static int refused(struct aws_conn *c, const char *target, struct etl_err *err)
{
	const char *dot = strrchr(target, '.');
	struct aws_failure f = {
		.status = c->answer.status, .body = buf_str(&c->answer.body),
		.error_type = c->answer.error_type, .request_id = c->answer.request_id,
		.operation = dot ? dot + 1 : target, .url = c->client->endpoint.url,
		.region = c->client->endpoint.region,
	};

	return aws_failure_set(&f, c->error_name, err);
}

int aws_call(struct aws_conn *c, const char *target, struct str body, struct buf *answer,
	     struct etl_err *err)
{
	struct etl_err first = { 0 };
	int rc;

	c->error_name[0] = '\0';
	c->maybe_twice = false;
	for (int attempt = 0;; attempt++) {
		rc = send_once(c, target, body, &first);
		c->maybe_twice |= http_maybe_twice(c->http);
		if (rc)
			goto out;
		if (c->answer.status == 200)
			break;
		rc = refused(c, target, &first);
		if (attempt || !aws_error_is_skew(c->error_name) || !correct_clock(c))
			goto out;
		etl_err_clear(&first);
	}
	/* The caller's buffer and ours change places: no copy of a large answer. */
	struct buf body_of_answer = c->answer.body;

	c->answer.body = *answer;
	*answer = body_of_answer;
	return 0;
out:
	if (rc == -ETL_EEXPIRED && !reload_credentials(c))
		first.code = ETL_ECREDENTIALS;
	if (first.code == ETL_ECREDENTIALS || first.code == ETL_EEXPIRED)
		etl_err_hint(&first, "check the credentials");
	etl_err_copy(err, &first);
	return -(int)first.code;
}
