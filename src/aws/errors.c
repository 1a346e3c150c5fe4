#include "aws/errors.h"

#include <jansson.h>

#define BY_WRITE (-1)	/* an item of a write is at fault; elsewhere ETL_ESINK */

static const char hint_secret[] = "check that the secret access key belongs to the access key";
static const char hint_clock[] = "check this machine's clock";

static const struct error_row {
	const char *name;
	int code;
	const char *hint;	/* or NULL */
} rows[] = {
	{ "ProvisionedThroughputExceededException", ETL_ETHROTTLED, NULL },
	{ "ThrottlingException", ETL_ETHROTTLED, NULL },
	{ "Throttling", ETL_ETHROTTLED, NULL },
	{ "ThrottledException", ETL_ETHROTTLED, NULL },
	{ "RequestLimitExceeded", ETL_ETHROTTLED, NULL },
	{ "RequestThrottled", ETL_ETHROTTLED, NULL },
	{ "RequestThrottledException", ETL_ETHROTTLED, NULL },
	{ "TooManyRequestsException", ETL_ETHROTTLED, NULL },
	{ "BandwidthLimitExceeded", ETL_ETHROTTLED, NULL },
	{ "SlowDown", ETL_ETHROTTLED, NULL },
	{ "LimitExceededException", ETL_ETHROTTLED, NULL },
	{ "ReplicatedWriteConflictException", ETL_ETRANSIENT, NULL },
	{ "TransactionConflictException", ETL_ETRANSIENT, NULL },
	{ "TransactionInProgressException", ETL_ETRANSIENT, NULL },
	{ "PriorRequestNotComplete", ETL_ETRANSIENT, NULL },
	{ "RequestTimeout", ETL_ETRANSIENT, NULL },
	{ "RequestTimeoutException", ETL_ETRANSIENT, NULL },
	{ "ResourceInUseException", ETL_ETRANSIENT, NULL },
	{ "ContinuousBackupsUnavailableException", ETL_ETRANSIENT, NULL },
	{ "ServiceUnavailable", ETL_ETRANSIENT, NULL },
	{ "ServiceUnavailableException", ETL_ETRANSIENT, NULL },
	{ "InternalServerError", ETL_EUNKNOWN, NULL },
	{ "InternalServerErrorException", ETL_EUNKNOWN, NULL },
	{ "InternalFailure", ETL_EUNKNOWN, NULL },
	{ "ExpiredToken", ETL_EEXPIRED, "the session has ended: get new credentials" },
	{ "ExpiredTokenException", ETL_EEXPIRED, "the session has ended: get new credentials" },
	{ "UnrecognizedClientException", ETL_EEXPIRED,
	  "check the access key, the session token and the region" },
	{ "InvalidClientTokenId", ETL_EEXPIRED, "check the access key and the session token" },
	{ "InvalidSignatureException", ETL_ECREDENTIALS, hint_secret },
	{ "SignatureDoesNotMatch", ETL_ECREDENTIALS, hint_secret },
	{ "IncompleteSignature", ETL_ECREDENTIALS, hint_secret },
	{ "IncompleteSignatureException", ETL_ECREDENTIALS, hint_secret },
	{ "MissingAuthenticationToken", ETL_ECREDENTIALS, NULL },
	{ "MissingAuthenticationTokenException", ETL_ECREDENTIALS, NULL },
	{ "RequestTimeTooSkewed", ETL_ESINK, hint_clock },
	{ "RequestExpired", ETL_ESINK, hint_clock },
	{ "AccessDeniedException", ETL_ESINK, "" },
	{ "AccessDenied", ETL_ESINK, "" },
	{ "ResourceNotFoundException", ETL_ENOTFOUND, NULL },
	{ "TableNotFoundException", ETL_ENOTFOUND, NULL },
	{ "ItemCollectionSizeLimitExceededException", ETL_EITEM, NULL },
	{ "ValidationException", BY_WRITE, NULL },
	{ "SerializationException", BY_WRITE, NULL },
	{ "UnknownOperationException", ETL_ESINK, NULL },
};

static const struct error_row *find(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

static int code_of_status(long status)
{
	switch (status) {
	case 413: return BY_WRITE;
	case 429: return ETL_ETHROTTLED;
	case 503: return ETL_ETRANSIENT;
	default: return status >= 500 || status == 408 || status == 200 ? ETL_EUNKNOWN
									 : ETL_ESINK;
	}
}

void aws_error_name(struct str type, char name[64])
{
	size_t from = 0, n = 0;

	for (size_t i = 0; i < type.len; i++)
		if (type.ptr[i] == '#')
			from = i + 1;
	for (; from < type.len && type.ptr[from] != ':' && n < 63; from++) {
		char c = type.ptr[from];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '_' || c == '.' || c == '-')
			name[n++] = c;
	}
	name[n] = '\0';
}

bool aws_error_is_skew(const char *name)
{
	static const char *const names[] = {
		"RequestTimeTooSkewed", "RequestExpired", "InvalidSignatureException",
		"SignatureDoesNotMatch",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* The first line only: a signature error goes on with the canonical request, and that holds the
 * session token. */
static void add_message(struct buf *out, const char *message)
{
	size_t n = message ? strcspn(message, "\r\n") : 0;

	if (n > 600)
		n = 600;
	if (n) {
		buf_adds(out, ": ");
		buf_add_printable(out, (struct str){ message, n });
	}
}

static void add_reasons(struct buf *out, json_t *root)
{
	json_t *list = json_object_get(root, "ThrottlingReasons"), *one;
	size_t i;

	if (!list)
		list = json_object_get(root, "throttlingReasons");
	json_array_foreach(list, i, one) {
		const char *reason = json_string_value(json_object_get(one, "reason"));
		const char *resource = json_string_value(json_object_get(one, "resource"));

		if (!reason || i >= 4)
			continue;
		buf_adds(out, " (");
		buf_add_printable(out, str_of(reason));
		if (resource) {
			buf_adds(out, " on ");
			buf_add_printable(out, str_of(resource));
		}
		buf_addc(out, ')');
	}
}

static bool is_write(const char *operation)
{
	return strcmp(operation, "BatchWriteItem") == 0 || strcmp(operation, "PutItem") == 0;
}

/* What the reasons have in common is said once; each stands in the message. */
static const char *reason_hint(json_t *root)
{
	static const struct { const char *limit, *hint; } hints[] = {
		{ "KeyRangeThroughputExceeded", "a hot partition: too much is written at once to "
		  "items of few partition keys, more capacity does not help" },
		{ "MaxOnDemandThroughputExceeded", "the table's own maximum for on-demand "
		  "throughput is reached" },
		{ "AccountLimitExceeded", "the account's throughput quota for a table is reached" },
		{ "ProvisionedThroughputExceeded", "the provisioned capacity is used up" },
	};
	json_t *list = json_object_get(root, "ThrottlingReasons"), *one;
	size_t i, k;

	if (!list)
		list = json_object_get(root, "throttlingReasons");
	json_array_foreach(list, i, one) {
		const char *reason = json_string_value(json_object_get(one, "reason"));

		for (k = 0; reason && k < sizeof(hints) / sizeof(hints[0]); k++)
			if (strstr(reason, hints[k].limit))
				return hints[k].hint;
	}
	return NULL;
}

int aws_failure_set(const struct aws_failure *f, char name[64], struct etl_err *err)
{
	json_t *root = json_loadb(f->body.len ? f->body.ptr : "", f->body.len,
				  JSON_ALLOW_NUL, NULL);
	const char *type = json_string_value(json_object_get(root, "__type"));
	const char *message = json_string_value(json_object_get(root, "message"));
	const struct error_row *row;
	struct buf text = { 0 };
	int code;

	if (!message)
		message = json_string_value(json_object_get(root, "Message"));
	aws_error_name(str_of(type ? type : f->error_type), name);
	row = find(name);
	code = row ? row->code : code_of_status(f->status);
	if (code == BY_WRITE)
		code = is_write(f->operation) ? ETL_EITEM : ETL_ESINK;
	buf_addf(&text, "%s failed at '%s'", f->operation, f->url);
	if (*name) {
		buf_addf(&text, ": %s", name);
		add_message(&text, message);
		add_reasons(&text, root);
	} else {
		buf_addf(&text, ": HTTP status %ld", f->status);
		if (f->status == 413)
			buf_adds(&text, ", the request is too large");
		else if (f->status >= 300 && f->status < 400)
			buf_adds(&text, ", a redirect, which is not followed");
		else if (!json_is_object(root))
			buf_adds(&text, " and nothing that DynamoDB would say");
		add_message(&text, message);
	}
	if (*f->request_id)
		buf_addf(&text, " (request %s)", f->request_id);
	etl_err_set(err, (enum etl_errc)code, "%s", buf_cstr(&text));
	if (row && row->hint && *row->hint)
		etl_err_hint(err, "%s", row->hint);
	else if (row && row->hint)
		etl_err_hint(err, "allow the action dynamodb:%s on the table and its indexes in "
			     "the IAM policy", f->operation);
	else if (code == ETL_ETHROTTLED && reason_hint(root))
		etl_err_hint(err, "%s", reason_hint(root));
	else if (code == ETL_ENOTFOUND)
		etl_err_hint(err, "the region is %s: check --region and --endpoint-url, or make "
			     "the table with `etl create-tables`", f->region);
	else if (code == ETL_ESINK && !*name)
		etl_err_hint(err, "check that the endpoint is DynamoDB's");
	buf_release(&text);
	json_decref(root);
	return -code;
}
