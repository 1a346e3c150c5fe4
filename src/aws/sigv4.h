/*
 * AWS Signature Version 4 for requests whose headers and body are known in full.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * The stages are functions of their own so that each can be held against published vectors:
 * canonical request, string to sign, signing key, signature.
 */
#ifndef AWS_SIGV4_H
#define AWS_SIGV4_H

#include <stddef.h>
#include "base/buf.h"
#include "base/err.h"

#define SIGV4_MAX_HEADERS 16

struct sigv4_header {
	struct str name;	/* any case */
	struct str value;	/* as sent; blanks around it and runs of blanks do not count */
};

/* Everything borrowed. Every header given is signed: Host and X-Amz-Date must be among them, and
 * X-Amz-Security-Token where there is one. Several headers of one name are one with a list. */
struct sigv4_request {
	const char *method;
	const char *path;	/* as it is to be signed: "/" */
	const char *query;	/* in canonical form, "" for none */
	const struct sigv4_header *headers;
	size_t nheaders;	/* at most SIGV4_MAX_HEADERS */
	struct str body;
};

/* Who signs, for what; borrowed. */
struct sigv4_scope {
	const char *access_key;
	const char *secret_key;
	const char *region;
	const char *service;
	const char *amz_date;	/* "20150830T123600Z", the value of X-Amz-Date */
};

/* The derived key of a day, region and service, kept because deriving costs four HMACs. One
 * thread at a time. A zeroed one is empty. */
struct sigv4_key {
	bool set;
	char date[9];
	char *secret_key, *region, *service;	/* owned; what the key was derived from */
	unsigned char key[32];
};
void sigv4_key_release(struct sigv4_key *k);	/* wipes */

/* Appends the canonical request to 'out' and the list of signed headers to 'signed_headers'. */
void sigv4_canonical_request(const struct sigv4_request *req, struct buf *out,
			     struct buf *signed_headers);

/* Appends the string to sign for a canonical request. */
void sigv4_string_to_sign(const struct sigv4_scope *scope, struct str canonical, struct buf *out);

/* The key for the scope, derived or from the cache. */
void sigv4_signing_key(struct sigv4_key *cache, const struct sigv4_scope *scope);

/* The signature as 64 hex digits and a NUL. */
void sigv4_signature(const struct sigv4_key *key, struct str string_to_sign, char out[65]);

/* All of it: appends the value of the Authorization header to 'out'. ETL_EINTERNAL if there are too
 * many headers. */
int sigv4_authorization(struct sigv4_key *cache, const struct sigv4_scope *scope,
			const struct sigv4_request *req, struct buf *out, struct etl_err *err);

#endif
