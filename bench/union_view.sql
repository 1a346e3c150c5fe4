-- What the workshop's own way makes of the same contract: one view for the whole table, a branch of
-- a UNION for each entity, order_items by a join and a GROUP BY. Its order of order_items is whatever
-- comes; nothing else was changed for the worse.
CREATE OR REPLACE VIEW bench_union_view AS
SELECT u.email AS PK, '#META' AS SK, u.username, u.email, u.password_hash,
	JSON_OBJECT('first_name', u.first_name, 'last_name', u.last_name) AS profile_data,
	u.is_seller, DATE_FORMAT(u.created_at, '%Y-%m-%dT%H:%i:%sZ') AS created_at,
	DATE_FORMAT(u.updated_at, '%Y-%m-%dT%H:%i:%sZ') AS updated_at,
	CAST(u.id AS CHAR) AS GSI1PK, CAST(u.id AS CHAR) AS GSI1SK, u.username AS GSI2PK,
	u.username AS GSI2SK, NULL AS product_id, NULL AS quantity, NULL AS price,
	NULL AS product_name, NULL AS user_id, NULL AS order_status, NULL AS total_amount,
	NULL AS order_items, NULL AS order_id, NULL AS GSI3PK, NULL AS GSI3SK
FROM users u
UNION ALL
SELECT u.email, CONCAT('CART#', c.product_id), NULL, NULL, NULL, NULL, NULL,
	DATE_FORMAT(c.created_at, '%Y-%m-%dT%H:%i:%sZ'),
	DATE_FORMAT(c.updated_at, '%Y-%m-%dT%H:%i:%sZ'), NULL, NULL, NULL, NULL,
	CAST(c.product_id AS CHAR), c.quantity, p.price, p.name, NULL, NULL, NULL, NULL, NULL, NULL,
	NULL
FROM shopping_carts c
LEFT JOIN users u ON u.id = c.user_id
LEFT JOIN products p ON p.id = c.product_id
UNION ALL
SELECT u.email, CONCAT('ORDER#', DATE_FORMAT(o.created_at, '%Y-%m-%dT%H:%i:%sZ'), '#', o.id),
	NULL, NULL, NULL, NULL, NULL, DATE_FORMAT(o.created_at, '%Y-%m-%dT%H:%i:%sZ'),
	DATE_FORMAT(o.updated_at, '%Y-%m-%dT%H:%i:%sZ'), NULL, NULL, NULL, NULL, NULL, NULL, NULL,
	NULL, CAST(o.user_id AS CHAR), o.status, o.total_amount,
	JSON_ARRAYAGG(JSON_OBJECT('product_id', i.product_id, 'quantity', i.quantity,
		'price_at_time', i.price_at_time)),
	CAST(o.id AS CHAR), CAST(o.id AS CHAR), CAST(o.id AS CHAR)
FROM orders o
LEFT JOIN users u ON u.id = o.user_id
LEFT JOIN order_items i ON i.order_id = o.id
GROUP BY o.id, u.email;
