#include "cli/write_mode.h"

#include <string.h>

#include "cli/option_table.h"

#define NAME_MAX_BYTES 255	/* of an attribute that stands in an expression */

struct put_condition write_mode_condition(const struct options *o)
{
	return (struct put_condition){
		.mode = (enum write_mode)o->write_mode,
		.version_attribute = o->version_attribute,
	};
}

void write_mode_add_words(struct buf *out, const struct options *o)
{
	buf_adds(out, option_find("write-mode")->choices[o->write_mode]);
	if (o->write_mode == WRITE_NEWER)
		buf_addf(out, " by %s", o->version_attribute);
}

static const struct shape_attr *find_attr(const struct item_shape *shape, const char *name)
{
	size_t i;

	for (i = 0; i < shape->nattrs; i++)
		if (str_eq((struct str){ shape->attrs[i].name, shape->attrs[i].name_len },
			   str_of(name)))
			return &shape->attrs[i];
	return NULL;
}

/* NULL: nothing. */
static const char *what_is_wrong(const struct item_shape *shape, const char *name)
{
	const struct shape_attr *attr = find_attr(shape, name);

	if (!attr)
		return "has none";
	if (attr->role != KEY_NONE)
		return "has it as a key, which is the same in the item that is there";
	if (attr->type != ATTR_S && attr->type != ATTR_N && attr->type != ATTR_B)
		return "has it in a type that has no order (S, N and B have)";
	return NULL;
}

static void check_entity(const struct item_shape *shape, const char *name, struct buf *faults)
{
	const char *fault = what_is_wrong(shape, name);

	if (fault)
		buf_addf(faults, "%sentity '%s' of table '%s' %s", faults->len ? "; " : "",
			 shape->entity, shape->contract_table, fault);
}

int write_mode_check(const struct session *s, struct etl_err *err)
{
	const char *name = s->opt->version_attribute;
	struct buf faults = { 0 };
	size_t i, k;

	if (s->opt->write_mode != WRITE_NEWER)
		return 0;
	if (strlen(name) == 0 || strlen(name) > NAME_MAX_BYTES)
		return etl_err_set(err, ETL_EUSAGE, "'--version-attribute': a name of 1 to %d bytes "
				   "is wanted", NAME_MAX_BYTES);
	for (i = 0; i < s->plan->ntables; i++)
		for (k = 0; k < s->plan->tables[i].nentities; k++)
			check_entity(s->plan->tables[i].entities[k].source.shape, name, &faults);
	if (faults.len) {
		etl_err_set(err, ETL_EUSAGE, "'--version-attribute %s': %s", name,
			    buf_cstr(&faults));
		etl_err_hint(err, "every entity that is loaded needs it; --table loads fewer "
			     "tables");
	}
	buf_release(&faults);
	return err->code ? -(int)err->code : 0;
}
