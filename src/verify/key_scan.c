#include "verify/verify_priv.h"

int key_scan_segment(struct verify *v, const struct scan_part *part, const struct scan_ops *ops,
		     void *arg, struct etl_err *err)
{
	struct counters apart = { 0 };
	struct fetching fetching = v->fetching;
	struct fetcher f;
	int rc;

	fetching.counters = &apart;
	rc = fetcher_begin(&f, &fetching, part->segment, err);
	if (rc < 0)
		return rc;
	rc = fetch_scan(&f, v->table->def, part, (struct str){ "", 0 }, ops, arg, err);
	fetcher_end(&f);
	COUNTERS_ADD(v->job->counters, requests, COUNTERS_GET(&apart, requests));
	COUNTERS_ADD(v->job->counters, rcu_milli, COUNTERS_GET(&apart, rcu_milli));
	return rc;
}

int key_scan_sum(const struct verify *v, struct summer *summer, struct str item_json,
		 struct item_sum *out, struct etl_err *err)
{
	struct str bytes;
	int rc = canonical_item(summer->canonical, item_json, &bytes, err);

	if (rc == 0)
		rc = canonical_key(summer->canonical, &v->table->def->keys, &bytes, err);
	if (rc == 0)
		summer_key(summer, bytes, out);
	return rc;
}
