-- Fills the tables of schema.sql. Wants @orders (how many) and @seed set; demo/generate sets them.
-- The same two give the same rows on every server: all chance comes from SHA-256 of seed, table
-- and row number, whose hex digits are cut into the independent numbers a, b, c, ...

SET NAMES utf8mb4;
SET time_zone = '+00:00';
SET sql_mode = 'NO_ENGINE_SUBSTITUTION';	-- not strict: zero dates are part of the tale
SET foreign_key_checks = 0, unique_checks = 0;
SET optimizer_switch = 'derived_merge=off';	-- else each use of a, b, c, ... computes SHA-256 anew
SET autocommit = 0;

SET @customers = GREATEST(20, @orders DIV 2);
SET @products = LEAST(2000, GREATEST(60, @orders DIV 5));
SET @makers = 15;

-- 0, 1, 2, ... as far as needed
CREATE TABLE demo_numbers (n INT UNSIGNED NOT NULL PRIMARY KEY);
INSERT INTO demo_numbers
WITH digit AS (
	SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
	UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9
), hundred AS (
	SELECT t.d * 10 + u.d AS d FROM digit t CROSS JOIN digit u
)
SELECT m.d * 1000000 + k.d * 10000 + h.d * 100 + u.d
FROM hundred m CROSS JOIN hundred k CROSS JOIN hundred h CROSS JOIN hundred u
WHERE m.d * 1000000 <= GREATEST(@orders, 2000)
	AND m.d * 1000000 + k.d * 10000 <= GREATEST(@orders, 2000)
	AND m.d * 1000000 + k.d * 10000 + h.d * 100 + u.d <= GREATEST(@orders, 2000);

INSERT INTO countries (code, name, vat_percent) VALUES
	('AT', 'Österreich', 20.00), ('CH', 'Schweiz/Suisse/Svizzera/Svizra', 8.10),
	('CI', 'Côte d''Ivoire', 18.00), ('DE', 'Deutschland', 19.00), ('DK', 'Danmark', 25.00),
	('GR', 'Ελλάδα', 24.00), ('JP', '日本', 10.00), ('PL', 'Polska', 23.00),
	('UA', 'Україна', 20.00), ('VN', 'Việt Nam', 8.00);

-- customers: one in ten without a family name, one in forty closed, one in fifty with a zero date
INSERT INTO customers (customer_id, public_id, email, given_name, family_name, loyalty_code,
	interests, preferences, newsletter, referred_by, born_on, joined_at, closed_at)
SELECT n,
	UNHEX(CONCAT(SUBSTR(h, 1, 12), '4', SUBSTR(h, 14, 3), '8', SUBSTR(h, 18, 15))),
	CONCAT(ELT(1 + a % 4, 'mail', 'Tea.Lover', 'o''neill', 'x+shop'), n, '@example.',
		ELT(1 + b % 3, 'com', 'org', 'net')),
	ELT(1 + c % 12, 'Zoë', 'Łukasz', 'Ольга', '美咲', 'Søren', 'José', 'Nguyễn', 'Παύλος', 'Anne Marie',
		'Jean-Luc', 'Aïssatou', 'Bob'),
	IF(d % 10 = 0, NULL, ELT(1 + d % 9, 'O''Brien', 'Müller-Lüdenscheidt', 'Шевченко', '山田',
		'Ångström', 'de la Cruz', 'Smith "Smitty" Jr.', 'Κωνσταντίνου', 'N''Guessan')),
	IF(e % 3 = 0, NULL, LPAD(e % 100000, 8, '0')),
	IF(f % 8 = 0, NULL, f % 32),
	CASE b % 5
		WHEN 0 THEN NULL
		WHEN 1 THEN '{"theme": "dark", "volume": 0.5, "limits": {"max": 12345678901234567890}}'
		WHEN 2 THEN '{"theme": "light", "sizes": [1, 2.25, null, "XL"], "beta": true}'
		WHEN 3 THEN '{"hello": "\\u00a1Hola! \\"t\\u00fa\\"", "empty": {}, "none": []}'
		ELSE '{}'
	END,
	a % 2,
	IF(n > 3 AND c % 4 = 0, 1 + e % (n - 1), NULL),
	CASE WHEN f % 50 = 0 THEN '0000-00-00' WHEN f % 7 = 0 THEN NULL
		ELSE DATE('1940-01-01') + INTERVAL (e % 23000) DAY END,
	TIMESTAMP('2019-03-31 00:59:59') + INTERVAL (d * 3 % 110000000) SECOND,
	IF(a % 40 = 0, TIMESTAMP('2024-06-01 12:00:00') + INTERVAL (n % 1000) HOUR, NULL)
FROM (
	SELECT n, h,
		CONV(SUBSTR(h, 1, 6), 16, 10) + 0 AS a, CONV(SUBSTR(h, 7, 5), 16, 10) + 0 AS b,
		CONV(SUBSTR(h, 12, 5), 16, 10) + 0 AS c, CONV(SUBSTR(h, 17, 7), 16, 10) + 0 AS d,
		CONV(SUBSTR(h, 24, 5), 16, 10) + 0 AS e, CONV(SUBSTR(h, 29, 4), 16, 10) + 0 AS f
	FROM (
		SELECT n, SHA2(CONCAT(@seed, ':customer:', n), 256) AS h
		FROM demo_numbers WHERE n BETWEEN 1 AND @customers
	) hashed
) chance;

-- everyone has a home address, one in three a place of work, one in five somebody to give to
INSERT INTO addresses (customer_id, kind, recipient, street, postcode, city, country_code)
SELECT n, kind,
	ELT(1 + a % 6, 'Zoë O''Brien', '株式会社 山田', 'c/o Łukasz & Söhne', 'Reception, 3rd floor', 'Bob',
		'Шевченко Ольга'),
	ELT(1 + b % 7, 'Straße des 17. Juni 135', '1 Infinite Loop\nEntrance B', 'ul. Święty Marcin 80/82',
		'Rue de l''Église 7', 'Flat #4, "The Maltings"', 'Đường Lê Lợi 12', 'C:\\Projects 5'),
	ELT(1 + c % 6, '01067', '00-950', 'SW1A 2AA', '100-8111', '04001', '8001'),
	ELT(1 + c % 6, 'Dresden', 'Łódź', 'Saint-Étienne', '千代田区', 'Київ', 'Zürich'),
	ELT(1 + d % 10, 'AT', 'CH', 'CI', 'DE', 'DK', 'GR', 'JP', 'PL', 'UA', 'VN')
FROM (
	SELECT n, kind,
		CONV(SUBSTR(h, 1, 8), 16, 10) + 0 AS a, CONV(SUBSTR(h, 9, 8), 16, 10) + 0 AS b,
		CONV(SUBSTR(h, 17, 8), 16, 10) + 0 AS c, CONV(SUBSTR(h, 25, 8), 16, 10) + 0 AS d
	FROM (
		SELECT n, kind, SHA2(CONCAT(@seed, ':address:', kind, n), 256) AS h
		FROM demo_numbers
		CROSS JOIN (
			SELECT 'home' AS kind, 1 AS every UNION ALL SELECT 'work', 3 UNION ALL SELECT 'gift', 5
		) kinds
		WHERE n BETWEEN 1 AND @customers AND n % every = 0
	) hashed
) chance;

-- three levels: 4 departments, 12 aisles, 24 shelves
INSERT INTO categories (category_id, parent_id, slug, title, sort_no) VALUES
	(1, NULL, 'drinks', 'Drinks & Infusions', 10), (2, NULL, 'ware', 'Cups, Pots "and more"', 20),
	(3, NULL, 'reading', 'Lektüre', 30), (4, NULL, 'attic', 'Attic (empty)', -1);
INSERT INTO categories (category_id, parent_id, slug, title, sort_no)
SELECT 4 + n, 1 + (n - 1) % 3, CONCAT('aisle-', LPAD(n, 2, '0')),
	CONCAT(ELT(1 + (n - 1) % 6, 'Black', 'Pots', 'Grün', '日本', 'Café', 'L''heure du thé'), ' #', n), n * 10
FROM demo_numbers WHERE n BETWEEN 1 AND 12;
INSERT INTO categories (category_id, parent_id, slug, title, sort_no)
SELECT 16 + n, 5 + (n - 1) DIV 2, CONCAT('shelf-', LPAD(n, 2, '0')),
	CONCAT(ELT(1 + (n - 1) % 5, 'Shelf', 'Regal', 'Étagère', '棚', 'Полка'), ' ', n), n
FROM demo_numbers WHERE n BETWEEN 1 AND 24;

INSERT INTO makers (maker_id, name, country_code)
SELECT n, CONCAT(ELT(1 + (n - 1) % 5, 'Haus am See', '茶屋', 'Čaj & Co', 'M''Bahiakro Cacao', 'Teeladen'), ' ',
		n),
	IF(n % 6 = 0, NULL, ELT(1 + n % 10, 'AT', 'CH', 'CI', 'DE', 'DK', 'GR', 'JP', 'PL', 'UA', 'VN'))
FROM demo_numbers WHERE n BETWEEN 1 AND @makers;

INSERT INTO products (product_id, sku, category_id, maker_id, name, description, price, rating,
	weight_kg, stock, shelf, labels, details, picture_sha1, active, listed_at)
SELECT n, CONCAT('P-', LPAD(n, 6, '0')), 17 + a % 24, IF(b % 9 = 0, NULL, 1 + b % @makers),
	CONCAT(ELT(1 + c % 10, 'Sencha', 'Earl Grey', 'Mug "World''s Best"', 'Thé à la menthe', 'Кофе', '抹茶',
		'100 % Kakao', '{name} of the tea', 'Pot 1½ l', '☕ Crème'), ' No. ', n),
	CASE d % 6
		WHEN 0 THEN NULL
		WHEN 1 THEN ''
		WHEN 2 THEN 'First line\nSecond line\twith a tab, a \\ and a "quote".'
		WHEN 3 THEN 'Naïve café — “smart” quotes, 𝄞 and 👩‍🌾.'
		WHEN 4 THEN REPEAT('A long story. ', 40)
		ELSE 'Plain.'
	END,
	(50 + e % 20000) / 100,
	IF(f % 5 = 0, NULL, (10 + f % 41) / 10),
	IF(f % 11 = 0, NULL, (1 + e % 5000) / 1000),
	CAST(f % 500 AS SIGNED) - 20,
	IF(d % 12 = 0, NULL, b % 1200),
	CASE c % 5 WHEN 0 THEN NULL WHEN 1 THEN 'organic' WHEN 2 THEN 'organic,fair trade'
		WHEN 3 THEN 'neu,für Gäste,neu' ELSE 'vegan,gift,sale' END,
	CASE e % 4
		WHEN 0 THEN NULL
		WHEN 1 THEN CONCAT('{"ean": ', 4000000000000 + n, ', "net": 12.50, "origin": ["Uji", "宇治"]}')
		WHEN 2 THEN '{"brew": {"celsius": 80, "minutes": 2.5, "note": "don''t boil"}, "tiny": 1e-7}'
		ELSE '{ "flags": [true, false, null], "nested": [[1, [2, [3]]]], "size": "0042" }'
	END,
	IF(a % 3 = 0, NULL, UNHEX(RIGHT(h, 40))),
	IF(d % 10 = 0, 0, 1),
	TIMESTAMP('2020-02-29 23:59:59.999') + INTERVAL (a % 60000) HOUR
FROM (
	SELECT n, h,
		CONV(SUBSTR(h, 1, 6), 16, 10) + 0 AS a, CONV(SUBSTR(h, 7, 6), 16, 10) + 0 AS b,
		CONV(SUBSTR(h, 13, 5), 16, 10) + 0 AS c, CONV(SUBSTR(h, 18, 5), 16, 10) + 0 AS d,
		CONV(SUBSTR(h, 23, 5), 16, 10) + 0 AS e, CONV(SUBSTR(h, 28, 5), 16, 10) + 0 AS f
	FROM (
		SELECT n, SHA2(CONCAT(@seed, ':product:', n), 256) AS h
		FROM demo_numbers WHERE n BETWEEN 1 AND @products
	) hashed
) chance;

INSERT INTO product_prices (product_id, currency, amount)
SELECT product_id, currency, price * factor
FROM products
CROSS JOIN (
	SELECT 'CHF' AS currency, 0.9573 AS factor UNION ALL SELECT 'JPY', 161.42
) currencies
WHERE product_id % 4 <> 0;

-- two of three customers have something in the cart, some of it priced in another currency
INSERT INTO cart_items (customer_id, product_id, quantity, currency, added_at)
SELECT n, 1 + (a + piece * 7) % @products, 1 + b % 12, ELT(1 + c % 3, 'EUR', 'CHF', 'JPY'),
	TIMESTAMP('2025-02-28 00:00:00') + INTERVAL (c % 31536000) SECOND
FROM (
	SELECT n, piece,
		CONV(SUBSTR(h, 1, 8), 16, 10) + 0 AS a, CONV(SUBSTR(h, 9, 8), 16, 10) + 0 AS b,
		CONV(SUBSTR(h, 17, 8), 16, 10) + 0 AS c
	FROM (
		SELECT numbers.n, pieces.n AS piece, SHA2(CONCAT(@seed, ':cart:', numbers.n), 256) AS h
		FROM demo_numbers numbers
		JOIN demo_numbers pieces ON pieces.n < 3 AND pieces.n < numbers.n % 3
		WHERE numbers.n BETWEEN 1 AND @customers
	) hashed
) chance;

INSERT INTO orders (order_id, order_no, customer_id, status, ship_kind, note, placed_at, ordered_on,
	sent_on)
SELECT n, LPAD(n, 10, '0'), 1 + a % @customers, ELT(1 + status, 'new', 'paid', 'packed', 'sent', 'returned'),
	CASE c % 5 WHEN 0 THEN NULL WHEN 1 THEN 'work' WHEN 2 THEN 'gift' ELSE 'home' END,
	CASE b % 12
		WHEN 0 THEN 'Bitte klingeln! 🎁 für Oma'
		WHEN 1 THEN 'He said: "leave it at O''Brien''s"'
		WHEN 2 THEN ''
		WHEN 3 THEN 'path C:\\temp\nand a new line, 100 %'
		WHEN 4 THEN 'お届けは午前中に'
		WHEN 5 THEN '{"not": "parsed"}'
		ELSE NULL
	END,
	placed_at, DATE(placed_at),
	IF(status >= 3, DATE(placed_at) + INTERVAL (c % 9) DAY, NULL)
FROM (
	SELECT n, a, b, c,
		CASE WHEN d % 20 < 2 THEN 0 WHEN d % 20 < 4 THEN 1 WHEN d % 20 = 4 THEN 2
			WHEN d % 20 < 19 THEN 3 ELSE 4 END AS status,
		TIMESTAMP('2021-01-01 00:00:00') + INTERVAL (n * 130000000 DIV (@orders + 1)) SECOND
			+ INTERVAL (d % 1000 * 1000) MICROSECOND AS placed_at
	FROM (
		SELECT n,
			CONV(SUBSTR(h, 1, 8), 16, 10) + 0 AS a, CONV(SUBSTR(h, 9, 8), 16, 10) + 0 AS b,
			CONV(SUBSTR(h, 17, 8), 16, 10) + 0 AS c, CONV(SUBSTR(h, 25, 8), 16, 10) + 0 AS d
		FROM (
			SELECT n, SHA2(CONCAT(@seed, ':order:', n), 256) AS h
			FROM demo_numbers WHERE n BETWEEN 1 AND @orders
		) hashed
	) chance
) dated;

-- one to four lines each, two and a half on average
INSERT INTO order_lines (order_id, line_no, product_id, quantity, unit_price, rebate, options)
SELECT n, line_no, product_id, 1 + b % 6, price, IF(c % 7 = 0, ROUND(price / 10, 2), NULL),
	CASE c % 9
		WHEN 0 THEN '{"engraving": "Für Łukasz ❤", "lines": 2}'
		WHEN 1 THEN '{"wrap": true, "price": 1.50}'
		ELSE NULL
	END
FROM (
	SELECT n, line_no, 1 + a % @products AS product, b, c
	FROM (
		SELECT n, line_no,
			CONV(SUBSTR(h, 1, 8), 16, 10) + 0 AS a, CONV(SUBSTR(h, 9, 8), 16, 10) + 0 AS b,
			CONV(SUBSTR(h, 17, 8), 16, 10) + 0 AS c
		FROM (
			SELECT numbers.n, pieces.n AS line_no,
				SHA2(CONCAT(@seed, ':line:', numbers.n, ':', pieces.n), 256) AS h
			FROM demo_numbers numbers
			JOIN demo_numbers pieces ON pieces.n BETWEEN 1 AND 4
				AND pieces.n <= 1 + numbers.n * 7 % 4
			WHERE numbers.n BETWEEN 1 AND @orders
		) hashed
	) chance
) drawn
JOIN products ON product_id = product;

UPDATE orders
JOIN (
	SELECT order_id, SUM(quantity * unit_price - COALESCE(rebate, 0)) AS total
	FROM order_lines GROUP BY order_id
) sums ON sums.order_id = orders.order_id
SET orders.total = sums.total;

COMMIT;
DROP TABLE demo_numbers;
SET foreign_key_checks = 1, unique_checks = 1;
ANALYZE TABLE customers, addresses, products, cart_items, orders, order_lines;
