#include "aws/version.h"

#include <curl/curl.h>
#include <openssl/crypto.h>

const char *aws_version_curl(void)
{
	return curl_version_info(CURLVERSION_NOW)->version;
}

const char *aws_version_openssl(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}
