/* Versions of the libraries that only this room knows, for --version. */
#ifndef AWS_VERSION_H
#define AWS_VERSION_H

const char *aws_version_curl(void);
const char *aws_version_openssl(void);

#endif
