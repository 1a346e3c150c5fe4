-- Fills the shop: @orders orders with two and a half items each on average, a quarter as many users,
-- and a product in the cart of each. The same @orders gives the same rows. No random(): servers
-- differ in it. Orders and carts lie across users and products, the items of an order together, as
-- in a shop that lives.
SET time_zone = '+00:00', foreign_key_checks = 0, unique_checks = 0, sql_log_bin = 0;
SET @users = @orders DIV 4, @products = 5000;

CREATE TABLE digits (d INT PRIMARY KEY);
INSERT INTO digits VALUES (0), (1), (2), (3);
SET @rows = GREATEST(@orders, @products);
CREATE TABLE seq (i INT PRIMARY KEY);
INSERT INTO seq VALUES (1);
INSERT INTO seq SELECT i + 1 FROM seq WHERE i + 1 <= @rows;
INSERT INTO seq SELECT i + 2 FROM seq WHERE i + 2 <= @rows;
INSERT INTO seq SELECT i + 4 FROM seq WHERE i + 4 <= @rows;
INSERT INTO seq SELECT i + 8 FROM seq WHERE i + 8 <= @rows;
INSERT INTO seq SELECT i + 16 FROM seq WHERE i + 16 <= @rows;
INSERT INTO seq SELECT i + 32 FROM seq WHERE i + 32 <= @rows;
INSERT INTO seq SELECT i + 64 FROM seq WHERE i + 64 <= @rows;
INSERT INTO seq SELECT i + 128 FROM seq WHERE i + 128 <= @rows;
INSERT INTO seq SELECT i + 256 FROM seq WHERE i + 256 <= @rows;
INSERT INTO seq SELECT i + 512 FROM seq WHERE i + 512 <= @rows;
INSERT INTO seq SELECT i + 1024 FROM seq WHERE i + 1024 <= @rows;
INSERT INTO seq SELECT i + 2048 FROM seq WHERE i + 2048 <= @rows;
INSERT INTO seq SELECT i + 4096 FROM seq WHERE i + 4096 <= @rows;
INSERT INTO seq SELECT i + 8192 FROM seq WHERE i + 8192 <= @rows;
INSERT INTO seq SELECT i + 16384 FROM seq WHERE i + 16384 <= @rows;
INSERT INTO seq SELECT i + 32768 FROM seq WHERE i + 32768 <= @rows;
INSERT INTO seq SELECT i + 65536 FROM seq WHERE i + 65536 <= @rows;
INSERT INTO seq SELECT i + 131072 FROM seq WHERE i + 131072 <= @rows;
INSERT INTO seq SELECT i + 262144 FROM seq WHERE i + 262144 <= @rows;
INSERT INTO seq SELECT i + 524288 FROM seq WHERE i + 524288 <= @rows;
INSERT INTO seq SELECT i + 1048576 FROM seq WHERE i + 1048576 <= @rows;
INSERT INTO seq SELECT i + 2097152 FROM seq WHERE i + 2097152 <= @rows;
INSERT INTO seq SELECT i + 4194304 FROM seq WHERE i + 4194304 <= @rows;

INSERT INTO users
SELECT i, CONCAT('user', i), CONCAT('first', i, '.last', i, '@mail.example.com'), SHA2(i, 256),
	CONCAT('First', i), CONCAT('Last', i), i % 3 = 0, FALSE,
	'2024-01-01' + INTERVAL i * 13 SECOND, '2024-06-01' + INTERVAL i * 17 SECOND
FROM seq WHERE i <= @users;

INSERT INTO categories
SELECT i, CONCAT('Category ', i), IF(i = 1, NULL, i DIV 2), '2024-01-01' FROM seq WHERE i <= 50;

INSERT INTO products
SELECT i, 1 + i % @users, 1 + i % 50, CONCAT('Product "', i, '"'), REPEAT('Good. ', 10),
	(i * 37 % 100000) / 100, i % 100, NULL, '2024-01-01', '2024-01-02'
FROM seq WHERE i <= @products;

INSERT INTO shopping_carts
SELECT i, i, 1 + i * 7919 % @products, 1 + i % 4,
	'2024-02-01' + INTERVAL i SECOND, '2024-02-02' + INTERVAL i SECOND
FROM seq WHERE i <= @users;

INSERT INTO orders
SELECT i, 1 + i * 7919 % @users, (i * 101 % 100000) / 100,
	ELT(1 + i % 4, 'pending', 'processing', 'completed', 'cancelled'),
	'2024-03-01' + INTERVAL i SECOND, '2024-09-02' + INTERVAL i SECOND
FROM seq WHERE i <= @orders;

INSERT INTO order_items
SELECT (s.i - 1) * 4 + d.d + 1, s.i, 1 + (s.i * 31 + d.d) % @products, 1 + (s.i + d.d) % 3,
	((s.i * 37 + d.d) % 100000) / 100
FROM seq s JOIN digits d ON d.d < 1 + s.i % 4
WHERE s.i <= @orders
ORDER BY s.i, d.d;

DROP TABLE seq;
DROP TABLE digits;
ANALYZE TABLE users, products, shopping_carts, orders, order_items;
