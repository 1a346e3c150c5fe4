#include "report/prices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#define FILE_MAX_BYTES (1u << 20)
#define MAX_FIELDS 5
#define NONE PRICE_UNKNOWN

/*
 * AWS's public price list, service code AmazonDynamoDB; a region's is
 * https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonDynamoDB/current/REGION/index.json
 * with the usage types [REG-][IA-]WriteRequestUnits and [REG-][IA-]WriteCapacityUnit-Hrs.
 *
 * These were not read from it by us. On demand: quotations of that list, published in public
 * repositories with the list's date, which is the date of the line ("2026-09": quoted then without
 * the list's own date). Provisioned, standard class: awslabs/amazon-dynamodb-tools
 * (reco/src/ddb_rc_reco/config.py, version 1.1.3), for Frankfurt, Ireland and Singapore
 * confirmed by a quotation of the list of 2026-07; those lines that have nothing else bear the
 * tool's date. A price for which nothing was found is not guessed: NONE.
 */
static const char source[] =
	"https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonDynamoDB/";
static const struct price builtin[] = {
	/* region, infrequent access, a million on demand, a unit for an hour, date */
	{ "us-east-1", false, 0.625, 0.00065, "2026-09-11" },
	{ "us-east-1", true, 0.78, 0.00081, "2026-09-11" },
	{ "us-east-2", false, 0.625, 0.00065, "2026-09-11" },
	{ "us-west-1", false, NONE, 0.000725, "2024-11" },
	{ "us-west-2", false, NONE, 0.00065, "2024-11" },
	{ "ca-central-1", false, NONE, 0.000715, "2024-11" },
	{ "sa-east-1", false, NONE, 0.000975, "2024-11" },
	{ "eu-west-1", false, 0.705, 0.000735, "2026-08-15" },
	{ "eu-west-1", true, 0.885, NONE, "2026-08-15" },
	{ "eu-west-2", false, 0.7423, 0.000772, "2026-06-08" },
	{ "eu-west-3", false, NONE, 0.000772, "2024-11" },
	{ "eu-central-1", false, 0.7625, 0.000793, "2026-09-11" },
	{ "eu-central-1", true, 0.955, NONE, "2026-08-15" },
	{ "eu-north-1", false, NONE, 0.000698, "2024-11" },
	{ "ap-northeast-1", false, 0.715, 0.000742, "2026-09" },
	{ "ap-northeast-2", false, 0.68, 0.0007049, "2026-06-12" },
	{ "ap-northeast-3", false, NONE, 0.000742, "2024-11" },
	{ "ap-southeast-1", false, NONE, 0.00074, "2026-07" },
	{ "ap-southeast-2", false, 0.71, 0.00074, "2026-08-13" },
	{ "ap-south-1", false, 0.71, 0.00074, "2026-09" },
	{ "ap-east-1", false, NONE, 0.000814, "2024-11" },
	{ "af-south-1", false, NONE, 0.00087465, "2024-11" },
	{ "me-south-1", false, NONE, 0.0008085, "2024-11" },
	{ "us-gov-west-1", false, NONE, 0.00078, "2024-11" },
	{ "us-gov-east-1", false, NONE, 0.00078, "2024-11" },
};
static const struct prices builtin_prices = {
	.source = source, .currency = "USD",
	.n = sizeof(builtin) / sizeof(builtin[0]), .list = builtin,
};

const struct prices *prices_builtin(void)
{
	return &builtin_prices;
}

struct price_file {			/* what prices_read makes */
	struct prices prices;		/* first: it is what the caller has */
	struct arena *arena;
	struct price *list;
	size_t cap;
};

/* A plain decimal number, so that no locale and no exponent can bend it. */
static bool read_amount(const char *text, double *out)
{
	size_t digits = strspn(text, "0123456789"), rest = 0;

	if (strcmp(text, "-") == 0) {
		*out = PRICE_UNKNOWN;
		return true;
	}
	if (text[digits] == '.')
		rest = 1 + strspn(text + digits + 1, "0123456789");
	if (!digits || text[digits + rest] || rest == 1 || strlen(text) > 20)
		return false;
	*out = strtod(text, NULL);
	return true;
}

static const char *take_line(struct price_file *f, char *const *fields, size_t n)
{
	struct price p = { .region = fields[0], .date = n > 4 ? fields[4] : "" };

	if (strcmp(fields[0], "currency") == 0) {
		if (n != 2)
			return "a currency is one word";
		f->prices.currency = arena_strdup(f->arena, fields[1]);
		return NULL;
	}
	if (n < 4)
		return "a line has a region, a table class, a price on demand, a price of "
		       "provisioned capacity, and perhaps a date";
	p.infrequent_access = strcmp(fields[1], "STANDARD_INFREQUENT_ACCESS") == 0;
	if (!p.infrequent_access && strcmp(fields[1], "STANDARD") != 0)
		return "a table class is STANDARD or STANDARD_INFREQUENT_ACCESS";
	if (!read_amount(fields[2], &p.million_requests) ||
	    !read_amount(fields[3], &p.capacity_hour))
		return "a price is a number like 0.625, or '-' where it is not known";
	if (prices_find(&f->prices, p.region, p.infrequent_access))
		return "this region and table class stand there twice";
	p.region = arena_strdup(f->arena, p.region);
	p.date = arena_strdup(f->arena, p.date);
	f->list = mem_grow(f->list, &f->cap, f->prices.n + 1, sizeof(*f->list));
	f->list[f->prices.n++] = p;
	f->prices.list = f->list;
	return NULL;
}

static int read_lines(struct price_file *f, char *text, struct etl_err *err)
{
	char *line, *rest = text;
	unsigned number = 0;

	while ((line = strsep(&rest, "\n"))) {
		char *fields[MAX_FIELDS], *word;
		const char *why = NULL;
		size_t n = 0;

		number++;
		line[strcspn(line, "#")] = '\0';
		while (!why && (word = strsep(&line, " \t\r"))) {
			if (!*word)
				continue;
			if (n < MAX_FIELDS)
				fields[n++] = word;
			else
				why = "there is more on the line than a date";
		}
		if (!why && n)
			why = take_line(f, fields, n);
		if (why)
			return etl_err_set(err, ETL_EUSAGE, "prices '%s', line %u: %s",
					   f->prices.source, number, why);
	}
	if (!f->prices.n)
		return etl_err_set(err, ETL_EUSAGE, "prices '%s': the file names no price",
				   f->prices.source);
	return 0;
}

int prices_read(const char *path, struct prices **out, struct etl_err *err)
{
	struct price_file *f = mem_zalloc(sizeof(*f));
	struct buf text = { 0 };
	int rc = file_read(path, FILE_MAX_BYTES, &text, err);

	f->arena = arena_new();
	f->prices.source = arena_strdup(f->arena, path);
	f->prices.currency = "USD";
	if (rc) {
		err->code = ETL_EUSAGE;		/* to name such a file is a mistake in the usage */
		etl_err_hint(err, "--prices names a file of prices");
	} else if (text.len && memchr(text.ptr, '\0', text.len)) {
		rc = etl_err_set(err, ETL_EUSAGE, "prices '%s': the file holds a NUL byte", path);
	} else {
		char *copy = buf_detach(&text);

		rc = read_lines(f, copy, err);
		free(copy);
	}
	buf_release(&text);
	if (rc) {
		prices_free(&f->prices);
		return -(int)err->code;
	}
	*out = &f->prices;
	return 0;
}

void prices_free(struct prices *p)
{
	struct price_file *f = (struct price_file *)p;

	if (!f)
		return;
	arena_free(f->arena);
	free(f->list);
	free(f);
}

const struct price *prices_find(const struct prices *p, const char *region,
				bool infrequent_access)
{
	size_t i;

	for (i = 0; region && i < p->n; i++)
		if (p->list[i].infrequent_access == infrequent_access &&
		    strcmp(p->list[i].region, region) == 0)
			return &p->list[i];
	return NULL;
}
