/*
 * A catalogue from a few lines of text, for tests of the plan:
 *
 *     table orders
 *     id int pk
 *     user_id int null fk users.id
 *     email varchar(100) unique collate utf8mb4_bin
 *     created_at timestamp(3)
 *     key user_id status           a plain index over two columns
 *     unique user_id product_id
 *     pk order_id line_no          a composite primary key
 *
 * A column: name, type as MySQL writes it without spaces, then any of pk, null, unique, index,
 * unsigned, zerofill, `charset X`, `collate X`, `fk table.column`. Columns are NOT NULL unless
 * null. A name may be in backticks; `` in them is one.
 */
#ifndef FAKES_FAKE_CATALOG_H
#define FAKES_FAKE_CATALOG_H

#include "model/catalog.h"

/* Freed with catalog_free. A fault in the text aborts the test. */
struct catalog *fake_catalog(const char *text, enum server_flavour flavour);

#endif
