-- The yardstick: the three entities of Users, one after another, by statements that a careful hand
-- would write. They give the final values, as they stand in the items: dates formatted, order_items
-- in the order of their ids, lookups as joins on unique keys.
SET time_zone = '+00:00', group_concat_max_len = 1073741824;
SELECT email, '#META', username, email, password_hash,
	CONCAT('{"first_name":', IFNULL(JSON_QUOTE(first_name), 'null'),
		',"last_name":', IFNULL(JSON_QUOTE(last_name), 'null'), '}'),
	is_seller, DATE_FORMAT(created_at, '%Y-%m-%dT%H:%i:%sZ'),
	DATE_FORMAT(updated_at, '%Y-%m-%dT%H:%i:%sZ'), id, id, username, username
FROM users;
SELECT u.email, CONCAT('CART#', c.product_id), c.product_id, c.quantity, p.price, p.name,
	DATE_FORMAT(c.created_at, '%Y-%m-%dT%H:%i:%sZ'),
	DATE_FORMAT(c.updated_at, '%Y-%m-%dT%H:%i:%sZ')
FROM shopping_carts c
LEFT JOIN users u ON u.id = c.user_id
LEFT JOIN products p ON p.id = c.product_id;
SELECT u.email, CONCAT('ORDER#', DATE_FORMAT(o.created_at, '%Y-%m-%dT%H:%i:%sZ'), '#', o.id),
	o.user_id, o.status, o.total_amount,
	(SELECT CONCAT('[', IFNULL(GROUP_CONCAT('{"product_id":', i.product_id, ',"quantity":',
		i.quantity, ',"price_at_time":', i.price_at_time, '}' ORDER BY i.id SEPARATOR ','),
		''), ']')
	FROM order_items i WHERE i.order_id = o.id),
	DATE_FORMAT(o.created_at, '%Y-%m-%dT%H:%i:%sZ'),
	DATE_FORMAT(o.updated_at, '%Y-%m-%dT%H:%i:%sZ'), o.id, o.id, o.id
FROM orders o
LEFT JOIN users u ON u.id = o.user_id;
