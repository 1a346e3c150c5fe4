/*
 * The published test suite of Signature Version 4 (aws-c-auth, tests/aws-signing-test-suite/v4) in
 * a table of our own. Signatures of cases that it names are those it publishes, all recomputed
 * once by a few lines of Python (hashlib, hmac), which also made the hashes of the canonical
 * requests, the signing key, and the two cases of our own.
 */
#include "check_main.h"

#include "aws/sigv4.h"

#define HOST { STR("Host"), STR("example.amazonaws.com") }
#define DATE { STR("X-Amz-Date"), STR("20150830T123600Z") }
#define TOKEN \
	"AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXm" \
	"xfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy" \
	"0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64l" \
	"IZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct {
	const char *name, *method;
	struct sigv4_header headers[6];
	size_t nheaders;
	struct str body;
	const char *signed_headers;
	const char *canonical;		/* NULL: not looked at */
	const char *canonical_hash;	/* as it ends the string to sign; NULL: not looked at */
	const char *signature;
} cases[] = {
	{ "post-vanilla", "POST", { HOST, DATE }, 2, { "", 0 }, "host;x-amz-date",
	  "POST\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\n"
	  "host;x-amz-date\n" EMPTY_HASH,
	  "553f88c9e4d10fc9e109e2aeb65f030801b70c2f6468faca261d401ae622fc87",
	  "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b" },
	{ "post-header-key-case", "POST",
	  { { STR("hOST"), STR("example.amazonaws.com") }, { STR("x-AMZ-date"),
	    STR("20150830T123600Z") } }, 2, { "", 0 }, "host;x-amz-date", NULL,
	  "553f88c9e4d10fc9e109e2aeb65f030801b70c2f6468faca261d401ae622fc87",
	  "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b" },
	{ "post-header-key-sort", "POST",
	  { DATE, { STR("My-Header1"), STR("value1") }, HOST }, 3, { "", 0 },
	  "host;my-header1;x-amz-date",
	  "POST\n/\n\nhost:example.amazonaws.com\nmy-header1:value1\n"
	  "x-amz-date:20150830T123600Z\n\nhost;my-header1;x-amz-date\n" EMPTY_HASH,
	  "9368318c2967cf6de74404b30c65a91e8f6253e0a8659d6d5319f1a812f87d65",
	  "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c" },
	{ "post-header-value-case", "POST",
	  { HOST, { STR("My-Header1"), STR("VALUE1") }, DATE }, 3, { "", 0 },
	  "host;my-header1;x-amz-date", NULL,
	  "d51ced243e649e3de6ef63afbbdcbca03131a21a7103a1583706a64618606a93",
	  "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d" },
	{ "post-x-www-form-urlencoded", "POST",
	  { { STR("Content-Type"), STR("application/x-www-form-urlencoded") }, HOST,
	    { STR("Content-Length"), STR("13") }, DATE,
	    { STR("x-amz-content-sha256"),
	      STR("9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e") } }, 5,
	  { "Param1=value1", 13 },
	  "content-length;content-type;host;x-amz-content-sha256;x-amz-date", NULL, NULL,
	  "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b" },
	{ "post-sts-header-before", "POST",
	  { HOST, { STR("X-Amz-Security-Token"), STR(TOKEN) }, DATE }, 3, { "", 0 },
	  "host;x-amz-date;x-amz-security-token", NULL,
	  "c237e1b440d4c63c32ca95b5b99481081cb7b13c7e40434868e71567c1a882f6",
	  "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead" },
	{ "get-header-value-trim", "GET",
	  { HOST, { STR("My-Header1"), STR(" value1") },
	    { STR("My-Header2"), STR(" \"a   b   c\" ") }, DATE }, 4, { "", 0 },
	  "host;my-header1;my-header2;x-amz-date",
	  "GET\n/\n\nhost:example.amazonaws.com\nmy-header1:value1\nmy-header2:\"a b c\"\n"
	  "x-amz-date:20150830T123600Z\n\nhost;my-header1;my-header2;x-amz-date\n" EMPTY_HASH,
	  "a726db9b0df21c14f559d0a978e563112acb1b9e05476f0a6a1c7d68f28605c7",
	  "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736" },
	{ "get-header-key-duplicate", "GET",
	  { HOST, { STR("My-Header1"), STR("value2") }, { STR("My-Header1"), STR("value2") },
	    { STR("my-header1"), STR("value1") }, DATE }, 5, { "", 0 },
	  "host;my-header1;x-amz-date",
	  "GET\n/\n\nhost:example.amazonaws.com\nmy-header1:value2,value2,value1\n"
	  "x-amz-date:20150830T123600Z\n\nhost;my-header1;x-amz-date\n" EMPTY_HASH,
	  "dc7f04a3abfde8d472b0ab1a418b741b7c67174dad1551b4117b15527fbe966c",
	  "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea" },
	{ "ours: one name begins another, no body", "POST",
	  { HOST, DATE, { STR("x-amz-meta-test-two"), STR("2") },
	    { STR("x-amz-meta-test"), STR("1") } }, 4, { "", 0 },
	  "host;x-amz-date;x-amz-meta-test;x-amz-meta-test-two", NULL, NULL,
	  "8f361ebdec14801069c61ba3c50d45ba5a81a5bedc42ef1d502a4592f0f66344" },
	{ "ours: NULs in the body", "POST", { HOST, DATE }, 2, { "\0\1bin\0", 6 },
	  "host;x-amz-date", NULL, NULL, "7bf542336cf9183ce465bb8f7bbb8bad3221b42104dd9ee6b8f0c4af4affc578" },
};

static const struct sigv4_scope scope = {
	"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service",
	"20150830T123600Z",
};

START_TEST(each_stage)
{
	struct sigv4_request req = {
		.method = cases[_i].method, .path = "/", .query = "",
		.headers = cases[_i].headers, .nheaders = cases[_i].nheaders,
		.body = cases[_i].body,
	};
	struct buf canonical = { 0 }, names = { 0 }, to_sign = { 0 }, header = { 0 };
	struct buf expected = { 0 };
	struct sigv4_key key = { 0 };
	struct etl_err err = { 0 };
	char signature[65];

	sigv4_canonical_request(&req, &canonical, &names);
	ck_assert_str_eq(buf_cstr(&names), cases[_i].signed_headers);
	if (cases[_i].canonical)
		ck_assert_str_eq(buf_cstr(&canonical), cases[_i].canonical);
	sigv4_string_to_sign(&scope, buf_str(&canonical), &to_sign);
	if (cases[_i].canonical_hash) {
		buf_addf(&expected, "AWS4-HMAC-SHA256\n20150830T123600Z\n"
			 "20150830/us-east-1/service/aws4_request\n%s", cases[_i].canonical_hash);
		ck_assert_str_eq(buf_cstr(&to_sign), buf_cstr(&expected));
	}
	sigv4_signing_key(&key, &scope);
	sigv4_signature(&key, buf_str(&to_sign), signature);
	ck_assert_str_eq(signature, cases[_i].signature);
	ck_assert_int_eq(sigv4_authorization(&key, &scope, &req, &header, &err), 0);
	buf_reset(&expected);
	buf_addf(&expected, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/"
		 "aws4_request, SignedHeaders=%s, Signature=%s", cases[_i].signed_headers,
		 cases[_i].signature);
	ck_assert_str_eq(buf_cstr(&header), buf_cstr(&expected));
	buf_release(&canonical);
	buf_release(&names);
	buf_release(&to_sign);
	buf_release(&header);
	buf_release(&expected);
	sigv4_key_release(&key);
}
END_TEST

static void assert_key(const struct sigv4_key *key, const char *hex)
{
	struct buf b = { 0 };

	buf_add_hex(&b, key->key, sizeof(key->key));
	ck_assert_str_eq(buf_cstr(&b), hex);
	buf_release(&b);
}

/* Each thing the key depends on must throw the cached one away. */
START_TEST(key_is_cached_for_what_made_it)
{
	static const char first[] =
		"938127b5336810ddb6a5d6af445fcac9e371f9ed418ed386b022aed82901be75";
	struct sigv4_scope changed[] = { scope, scope, scope, scope };
	struct sigv4_key key = { 0 };

	changed[0].secret_key = "another";
	changed[1].region = "eu-west-1";
	changed[2].service = "dynamodb";
	changed[3].amz_date = "20150831T000000Z";
	for (size_t i = 0; i < 4; i++) {
		struct buf other = { 0 };

		sigv4_signing_key(&key, &scope);
		assert_key(&key, first);
		sigv4_signing_key(&key, &changed[i]);
		buf_add_hex(&other, key.key, sizeof(key.key));
		ck_assert_str_ne(buf_cstr(&other), first);
		buf_release(&other);
	}
	/* Another time of the same day is the same key, and nothing is derived again. */
	sigv4_signing_key(&key, &scope);
	memset(key.key, 7, sizeof(key.key));
	changed[0] = scope;
	changed[0].amz_date = "20150830T235959Z";
	sigv4_signing_key(&key, &changed[0]);
	ck_assert_int_eq(key.key[0], 7);
	sigv4_key_release(&key);
	ck_assert(!key.set);
}
END_TEST

static Suite *sigv4_suite(void)
{
	Suite *suite = suite_create("aws/sigv4");
	TCase *tc = tcase_create("sigv4");

	tcase_add_loop_test(tc, each_stage, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, key_is_cached_for_what_made_it);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(sigv4_suite)
