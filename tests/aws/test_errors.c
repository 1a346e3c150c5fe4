#include "check_main.h"

#include "aws/errors.h"

#define V20120810 "com.amazonaws.dynamodb.v20120810#"

static const struct {
	const char *operation;
	long status;
	const char *body, *header;
	enum etl_errc code;
	const char *name, *message, *hint;	/* the last two: parts, or NULL */
} cases[] = {
	{ "BatchWriteItem", 400, "{\"__type\":\"" V20120810 "ProvisionedThroughputExceededException\","
	  "\"message\":\"slow\",\"ThrottlingReasons\":[{\"reason\":"
	  "\"TableWriteKeyRangeThroughputExceeded\",\"resource\":\"arn:aws:dynamodb:x:table/T\"}]}",
	  "", ETL_ETHROTTLED, "ProvisionedThroughputExceededException",
	  "(TableWriteKeyRangeThroughputExceeded on arn:aws:dynamodb:x:table/T)", "hot partition" },
	{ "BatchWriteItem", 400, "{\"__type\":\"x#ThrottlingException\",\"ThrottlingReasons\":[{},"
	  "{\"reason\":\"IndexWriteMaxOnDemandThroughputExceeded\"}]}", "", ETL_ETHROTTLED,
	  "ThrottlingException", NULL, "own maximum" },
	{ "PutItem", 400, "{\"__type\":\"x#ThrottlingException\",\"ThrottlingReasons\":[{"
	  "\"reason\":\"IndexWriteAccountLimitExceeded\"}]}", "", ETL_ETHROTTLED,
	  "ThrottlingException", NULL, "account's throughput quota" },
	{ "PutItem", 400, "{\"__type\":\"x#ProvisionedThroughputExceededException\","
	  "\"throttlingReasons\":[{\"reason\":\"TableWriteProvisionedThroughputExceeded\"}]}", "",
	  ETL_ETHROTTLED, "ProvisionedThroughputExceededException", NULL, "provisioned capacity" },
	{ "BatchWriteItem", 400, "{\"__type\":\"x#ThrottlingException\"}", "", ETL_ETHROTTLED,
	  "ThrottlingException", NULL, NULL },
	{ "PutItem", 400, "{\"__type\":\"RequestLimitExceeded\"}", "", ETL_ETHROTTLED,
	  "RequestLimitExceeded", NULL, NULL },
	{ "CreateTable", 400, "{\"__type\":\"x#LimitExceededException\",\"message\":\"50 tables\"}",
	  "", ETL_ETHROTTLED, "LimitExceededException", "50 tables", NULL },
	{ "CreateTable", 400, "{\"__type\":\"x#ResourceInUseException\"}", "", ETL_ETRANSIENT,
	  "ResourceInUseException", NULL, NULL },
	{ "BatchWriteItem", 400, "{\"__type\":\"x#ReplicatedWriteConflictException\"}", "",
	  ETL_ETRANSIENT, "ReplicatedWriteConflictException", NULL, NULL },
	{ "BatchWriteItem", 400, "{\"__type\":\"com.amazon.coral.validate#ValidationException\","
	  "\"message\":\"bad item\"}", "", ETL_EITEM, "ValidationException",
	  "BatchWriteItem failed at 'http://h': ValidationException: bad item", NULL },
	{ "Scan", 400, "{\"__type\":\"com.amazon.coral.validate#ValidationException\"}", "",
	  ETL_ESINK, "ValidationException", NULL, NULL },
	{ "BatchWriteItem", 400, "{\"__type\":\"x#SerializationException\",\"Message\":\"m\"}", "",
	  ETL_EITEM, "SerializationException", ": m", NULL },
	{ "BatchWriteItem", 400, "{\"__type\":\"x#ItemCollectionSizeLimitExceededException\"}", "",
	  ETL_EITEM, "ItemCollectionSizeLimitExceededException", NULL, NULL },
	{ "DescribeTable", 400, "{\"__type\":\"x#ResourceNotFoundException\"}", "", ETL_ENOTFOUND,
	  "ResourceNotFoundException", NULL, "the region is r" },
	{ "BatchWriteItem", 400, "{\"__type\":\"x#AccessDeniedException\",\"Message\":\"User: u is "
	  "not authorized\"}", "", ETL_ESINK, "AccessDeniedException", "User: u is not authorized",
	  "dynamodb:BatchWriteItem" },
	{ "PutItem", 400, "{\"__type\":\"x#UnrecognizedClientException\"}", "", ETL_EEXPIRED,
	  "UnrecognizedClientException", NULL, "access key" },
	{ "PutItem", 400, "{\"__type\":\"x#ExpiredTokenException\"}", "", ETL_EEXPIRED,
	  "ExpiredTokenException", NULL, "session" },
	{ "PutItem", 400, "{\"__type\":\"x#MissingAuthenticationTokenException\"}", "",
	  ETL_ECREDENTIALS, "MissingAuthenticationTokenException", NULL, NULL },
	{ "PutItem", 400, "{\"__type\":\"x#RequestTimeTooSkewed\"}", "", ETL_ESINK,
	  "RequestTimeTooSkewed", NULL, "clock" },
	{ "UpdateContinuousBackups", 400, "{\"__type\":\"x#UnknownOperationException\"}", "",
	  ETL_ESINK, "UnknownOperationException", NULL, NULL },
	/* the name in the header, with what may follow it */
	{ "PutItem", 400, "{}", "ThrottlingException:http://internal/", ETL_ETHROTTLED,
	  "ThrottlingException", NULL, NULL },
	{ "PutItem", 400, "", "x.y#ValidationException", ETL_EITEM, "ValidationException", NULL,
	  NULL },
	/* an item comes along, and may hold anything */
	{ "PutItem", 400, "{\"__type\":\"x#ConditionalCheckFailedException\",\"Item\":{\"a\":"
	  "{\"S\":\"\\u0000\"}}}", "", ETL_ESINK, "ConditionalCheckFailedException", NULL, NULL },
	/* no name: the status decides */
	{ "PutItem", 500, "{\"__type\":\"x#InternalServerError\"}", "", ETL_EUNKNOWN,
	  "InternalServerError", NULL, NULL },
	{ "PutItem", 500, "{\"__type\":\"x#NeverHeardOf\"}", "", ETL_EUNKNOWN, "NeverHeardOf", NULL,
	  NULL },
	{ "PutItem", 500, "<html>", "", ETL_EUNKNOWN, "", "HTTP status 500", NULL },
	{ "PutItem", 502, "", "", ETL_EUNKNOWN, "", "HTTP status 502", NULL },
	{ "PutItem", 503, "", "", ETL_ETRANSIENT, "", "HTTP status 503", NULL },
	{ "PutItem", 504, "", "", ETL_EUNKNOWN, "", NULL, NULL },
	{ "PutItem", 429, "", "", ETL_ETHROTTLED, "", NULL, NULL },
	{ "BatchWriteItem", 413, "{\"Message\":\"\"}", "", ETL_EITEM, "", "too large", NULL },
	{ "BatchGetItem", 413, "{\"Message\":\"\"}", "", ETL_ESINK, "", "too large", NULL },
	{ "PutItem", 301, "", "", ETL_ESINK, "", "redirect", "endpoint" },
	{ "PutItem", 404, "<html>not here</html>", "", ETL_ESINK, "",
	  "HTTP status 404 and nothing that DynamoDB would say", "endpoint" },
	{ "PutItem", 403, "{\"__type\":\"x#NeverHeardOf\"}", "", ETL_ESINK, "NeverHeardOf", NULL,
	  NULL },
	{ "PutItem", 204, "", "", ETL_ESINK, "", "HTTP status 204", NULL },
	{ "PutItem", 400, "[1]", "", ETL_ESINK, "", "HTTP status 400", NULL },
	{ "PutItem", 400, "{\"__type\":7,\"message\":8}", "", ETL_ESINK, "", NULL, NULL },
};

static int set(const char *operation, long status, const char *body, const char *header,
	       char name[64], struct etl_err *err)
{
	struct aws_failure f = { .status = status, .body = str_of(body), .error_type = header,
				 .request_id = "RID", .operation = operation, .url = "http://h",
				 .region = "r" };

	return aws_failure_set(&f, name, err);
}

START_TEST(classes)
{
	struct etl_err err = { 0 };
	char name[64];
	int rc = set(cases[_i].operation, cases[_i].status, cases[_i].body, cases[_i].header, name,
		     &err);

	ck_assert_int_eq(rc, -(int)cases[_i].code);
	ck_assert_int_eq(err.code, cases[_i].code);
	ck_assert_str_eq(name, cases[_i].name);
	ck_assert_ptr_nonnull(strstr(err.msg, "(request RID)"));
	if (cases[_i].message)
		ck_assert_msg(strstr(err.msg, cases[_i].message) != NULL, "%s", err.msg);
	if (cases[_i].hint)
		ck_assert_msg(strstr(err.hint, cases[_i].hint) != NULL, "%s", err.hint);
}
END_TEST

/* What AWS says to a wrong signature repeats the request, its session token included. */
START_TEST(signature_error_keeps_the_token)
{
	struct etl_err err = { 0 };
	char name[64];

	ck_assert_int_eq(set("PutItem", 400, "{\"__type\":\"com.amazon.coral.service#"
			     "InvalidSignatureException\",\"message\":\"The request signature we "
			     "calculated does not match.\\n\\nThe Canonical String for this request "
			     "should have been\\n'POST\\n/\\n\\nx-amz-security-token:SECRETTOKEN\\n'\"}",
			     "", name, &err), -ETL_ECREDENTIALS);
	ck_assert_ptr_nonnull(strstr(err.msg, "does not match."));
	ck_assert_ptr_null(strstr(err.msg, "SECRETTOKEN"));
	ck_assert_ptr_nonnull(strstr(err.hint, "secret access key"));
}
END_TEST

START_TEST(hostile_names)
{
	static const struct { const char *type, *name; } names[] = {
		{ "a#b#C:d", "C" }, { "", "" }, { "#", "" }, { "x\r\n\033[1m", "x1m" },
	};
	char name[64];
	char *longest = mem_alloc(1000);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		aws_error_name(str_of(names[i].type), name);
		ck_assert_str_eq(name, names[i].name);
	}
	memset(longest, 'n', 1000);
	aws_error_name((struct str){ longest, 1000 }, name);
	ck_assert_uint_eq(strlen(name), 63);
	free(longest);
}
END_TEST

static Suite *errors_suite(void)
{
	Suite *suite = suite_create("aws/errors");
	TCase *tc = tcase_create("errors");

	tcase_add_loop_test(tc, classes, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, signature_error_keeps_the_token);
	tcase_add_test(tc, hostile_names);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(errors_suite)
