/*
 * Provider: a profile with a role. Who assumes it is another profile (source_profile, perhaps with
 * a role of its own, perhaps the same one with keys) or the place where the program runs
 * (credential_source).
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html
 */
#include <stdio.h>

#include "aws/sts.h"

#define MAX_CHAIN 5

static int source_of(const struct aws_config *config, const struct aws_profile *profile,
		     unsigned depth, struct credentials *out, struct etl_err *err)
{
	const char *source = aws_profile_either(profile, "source_profile");
	const char *place = aws_profile_either(profile, "credential_source");
	struct aws_profile other = *profile;	/* the same files, borrowed */
	int rc;

	if (source && place)
		return etl_err_set(err, ETL_ECREDENTIALS, "AWS profile '%s' has both source_profile "
				   "and credential_source", profile->name);
	if (place) {
		rc = strcmp(place, "Environment") == 0 ? credentials_env(config, out, err)
		   : strcmp(place, "EcsContainer") == 0 ? credentials_container(config, out, err)
		   : strcmp(place, "Ec2InstanceMetadata") == 0 ? credentials_imds(config, out, err)
		   : etl_err_set(err, ETL_ECREDENTIALS, "AWS profile '%s': credential_source is "
				 "none of Environment, EcsContainer, Ec2InstanceMetadata",
				 profile->name);
		return rc ? rc : etl_err_set(err, ETL_ECREDENTIALS, "AWS profile '%s': its "
					     "credential_source %s has no credentials",
					     profile->name, place);
	}
	if (!source)
		return etl_err_set(err, ETL_ECREDENTIALS, "AWS profile '%s' has a role_arn, but "
				   "neither source_profile nor credential_source", profile->name);
	other.name = mem_strdup(source);
	other.chosen = profile->chosen ? profile->chosen : profile;
	if (!aws_profile_exists(&other))
		rc = etl_err_set(err, ETL_ECREDENTIALS, "AWS profile '%s': its source_profile '%s' "
				 "is not there", profile->name, source);
	else if (strcmp(source, profile->name) == 0)
		rc = credentials_keys(&other, out, err);	/* its own keys, not its role */
	else
		rc = credentials_profile(config, &other, depth + 1, out, err);
	if (!rc)
		rc = etl_err_set(err, ETL_ECREDENTIALS, "AWS profile '%s': its source_profile '%s' "
				 "has no credentials", profile->name, source);
	free(other.name);
	return rc;
}

int credentials_role(const struct aws_config *config, const struct aws_profile *profile,
		     unsigned depth, struct credentials *out, struct etl_err *err)
{
	const char *role = aws_profile_either(profile, "role_arn");
	const char *session = aws_profile_either(profile, "role_session_name");
	struct clock *clock = config->clock ? config->clock : clock_real();
	struct credentials signer = { 0 };
	char made[40], origin[320];
	int rc;

	if (!role)
		return 0;
	if (aws_profile_either(profile, "mfa_serial")) {
		etl_err_set(err, ETL_ECREDENTIALS, "AWS profile '%s' asks for a one-time code "
			    "(mfa_serial), which nobody can type in the middle of a run",
			    profile->name);
		etl_err_hint(err, "eval \"$(aws configure export-credentials --profile %s --format "
			     "env)\" and run again without --profile", profile->name);
		return -ETL_ECREDENTIALS;
	}
	if (depth > MAX_CHAIN)
		return etl_err_set(err, ETL_ECREDENTIALS, "AWS profile '%s': the chain of "
				   "source_profile is too long, or a circle", profile->name);
	rc = source_of(config, profile, depth, &signer, err);
	if (rc > 0) {
		const struct sts_parameter parameters[] = {
			{ "RoleArn", role }, { "RoleSessionName", session ? session : made },
			{ "ExternalId", aws_profile_either(profile, "external_id") },
			{ "DurationSeconds", aws_profile_either(profile, "duration_seconds") },
		};

		snprintf(made, sizeof(made), "etl-%lld",
			 (long long)(clock->utc_ms(clock) / 1000));
		snprintf(origin, sizeof(origin), "the role of profile '%s'", profile->name);
		rc = sts_call(config, profile, "AssumeRole", parameters, 4, &signer, origin, out,
			      err);
		rc = rc ? rc : 1;
	}
	credentials_release(&signer);
	return rc;
}
