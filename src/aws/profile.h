/*
 * The two shared files and the profile chosen in them. Read once for each client (and again when
 * credentials are reloaded). https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html
 */
#ifndef AWS_PROFILE_H
#define AWS_PROFILE_H

#include "aws/aws.h"
#include "aws/ini.h"

struct aws_profile {
	char *name;			/* "default" if nobody says */
	bool is_chosen;			/* by --profile or the environment: it must be there */
	bool by_flag;			/* by --profile: the environment's keys do not count */
	char *config_path, *credentials_path;
	struct ini *config, *credentials;	/* NULL: no such file */
	const struct aws_profile *chosen;	/* of a source_profile: the one that was chosen, whose
						   region counts; else NULL */
};

/* An environment variable through the config; NULL also where it is empty. */
const char *aws_getenv(const struct aws_config *config, const char *name);

/* Reads the files. A chosen profile that is in neither is ETL_ECREDENTIALS. */
int aws_profile_load(const struct aws_config *config, struct aws_profile *out,
		     struct etl_err *err);
void aws_profile_release(struct aws_profile *p);

/* A setting of the profile in either file, the credentials file first; NULL: not set. */
const char *aws_profile_either(const struct aws_profile *p, const char *name);

/* Is it in one of the files? */
bool aws_profile_exists(const struct aws_profile *p);

/* A setting of the profile in the config file ("region", "services"); NULL: not set. */
const char *aws_profile_get(const struct aws_profile *p, const char *name);

#endif
