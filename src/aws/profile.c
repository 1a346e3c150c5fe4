#include "aws/profile.h"

#include <stdlib.h>

const char *aws_getenv(const struct aws_config *config, const char *name)
{
	const char *value = config->getenv ? config->getenv(name) : getenv(name);

	return value && *value ? value : NULL;
}

static char *file_path(const struct aws_config *config, const char *variable, const char *file)
{
	const char *path = aws_getenv(config, variable), *home = aws_getenv(config, "HOME");
	struct buf b = { 0 };

	if (!path) {
		if (!home)
			return NULL;
		buf_addf(&b, "%s/.aws/%s", home, file);
	} else if (path[0] == '~' && path[1] == '/' && home) {
		buf_addf(&b, "%s%s", home, path + 1);
	} else {
		buf_adds(&b, path);
	}
	return buf_detach(&b);
}

/* "[profile x]", in which the plain name "default" may also stand alone. */
static const char *config_get(const struct aws_profile *p, const char *name)
{
	struct buf section = { 0 };
	const char *value;

	buf_addf(&section, "profile %s", p->name);
	value = ini_get(p->config, buf_cstr(&section), name);
	if (!value && strcmp(p->name, "default") == 0)
		value = ini_get(p->config, "default", name);
	buf_release(&section);
	return value && *value ? value : NULL;
}

const char *aws_profile_get(const struct aws_profile *p, const char *name)
{
	return config_get(p, name);
}

const char *aws_profile_either(const struct aws_profile *p, const char *name)
{
	const char *value = ini_get(p->credentials, p->name, name);

	return value && *value ? value : config_get(p, name);
}

bool aws_profile_exists(const struct aws_profile *p)
{
	struct buf section = { 0 };
	bool found;

	buf_addf(&section, "profile %s", p->name);
	found = ini_has_section(p->credentials, p->name) ||
		ini_has_section(p->config, buf_cstr(&section)) ||
		(strcmp(p->name, "default") == 0 && ini_has_section(p->config, "default"));
	buf_release(&section);
	return found;
}

int aws_profile_load(const struct aws_config *config, struct aws_profile *out,
		     struct etl_err *err)
{
	const char *name = config->profile;
	int rc;

	memset(out, 0, sizeof(*out));
	out->by_flag = name != NULL;
	if (!name)
		name = aws_getenv(config, "AWS_PROFILE");
	if (!name)
		name = aws_getenv(config, "AWS_DEFAULT_PROFILE");
	out->is_chosen = name != NULL;
	out->name = mem_strdup(name ? name : "default");
	out->config_path = file_path(config, "AWS_CONFIG_FILE", "config");
	out->credentials_path = file_path(config, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
	rc = out->config_path ? ini_read(out->config_path, &out->config, err) : 0;
	if (!rc && out->credentials_path)
		rc = ini_read(out->credentials_path, &out->credentials, err);
	if (!rc && out->is_chosen && !aws_profile_exists(out)) {
		rc = etl_err_set(err, ETL_ECREDENTIALS,
				 "AWS profile '%s' is in neither '%s' nor '%s'", out->name,
				 out->config_path ? out->config_path : "~/.aws/config",
				 out->credentials_path ? out->credentials_path
						       : "~/.aws/credentials");
		etl_err_hint(err, "check --profile and AWS_PROFILE; "
			     "`aws configure list-profiles` lists what there is");
	}
	if (rc)
		aws_profile_release(out);
	return rc;
}

void aws_profile_release(struct aws_profile *p)
{
	free(p->name);
	free(p->config_path);
	free(p->credentials_path);
	ini_free(p->config);
	ini_free(p->credentials);
	memset(p, 0, sizeof(*p));
}
