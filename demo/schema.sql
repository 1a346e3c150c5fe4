-- The demo's shop, as its first developers built it: ten tables, foreign keys, two that refer to
-- themselves, keys of several columns. Runs unchanged on MariaDB 10.11 and MySQL 9.
-- demo/generate fills it; contracts/shop.json says what becomes of it in DynamoDB.

SET NAMES utf8mb4;

CREATE TABLE countries (
	code		CHAR(2) CHARACTER SET ascii NOT NULL PRIMARY KEY,
	name		VARCHAR(60) NOT NULL,
	vat_percent	DECIMAL(4,2) NOT NULL
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE customers (
	customer_id	INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	public_id	BINARY(16) NOT NULL UNIQUE,	-- a UUID
	email		VARCHAR(190) NOT NULL UNIQUE,
	given_name	VARCHAR(60) NOT NULL,
	family_name	VARCHAR(60) NULL,		-- not everyone has one
	loyalty_code	CHAR(8) NULL,			-- '00004711': the zeros belong to it
	interests	SET('tea', 'coffee', 'cocoa', 'mugs', 'books') NULL,
	preferences	JSON NULL,
	newsletter	BOOLEAN NOT NULL DEFAULT FALSE,
	referred_by	INT UNSIGNED NULL,		-- another customer
	born_on		DATE NULL,			-- '0000-00-00' from the time before NULL
	joined_at	TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
	closed_at	DATETIME NULL,			-- account closed: a soft delete
	FOREIGN KEY (referred_by) REFERENCES customers (customer_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE addresses (
	customer_id	INT UNSIGNED NOT NULL,
	kind		ENUM('home', 'work', 'gift') NOT NULL,
	recipient	VARCHAR(120) NOT NULL,
	street		VARCHAR(160) NOT NULL,
	postcode	VARCHAR(12) NOT NULL,		-- '01067'
	city		VARCHAR(80) NOT NULL,
	country_code	CHAR(2) CHARACTER SET ascii NOT NULL,
	PRIMARY KEY (customer_id, kind),
	FOREIGN KEY (customer_id) REFERENCES customers (customer_id),
	FOREIGN KEY (country_code) REFERENCES countries (code)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE categories (
	category_id	SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	parent_id	SMALLINT UNSIGNED NULL,		-- NULL: a department
	slug		VARCHAR(60) CHARACTER SET ascii NOT NULL UNIQUE,
	title		VARCHAR(80) NOT NULL,
	sort_no		INT NOT NULL,
	FOREIGN KEY (parent_id) REFERENCES categories (category_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE makers (
	maker_id	INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	name		VARCHAR(80) NOT NULL,
	country_code	CHAR(2) CHARACTER SET ascii NULL,
	FOREIGN KEY (country_code) REFERENCES countries (code)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE products (
	product_id	INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	sku		CHAR(8) CHARACTER SET ascii NOT NULL UNIQUE,	-- 'P-000042'
	category_id	SMALLINT UNSIGNED NOT NULL,
	maker_id	INT UNSIGNED NULL,
	name		VARCHAR(120) NOT NULL,
	description	TEXT NULL,
	price		DECIMAL(10,2) NOT NULL,
	rating		FLOAT NULL,
	weight_kg	DOUBLE NULL,
	stock		INT NOT NULL DEFAULT 0,		-- below zero: promised but not there yet
	shelf		SMALLINT UNSIGNED NULL,
	labels		VARCHAR(200) NULL,		-- 'organic,fair trade'
	details		TEXT NULL,			-- JSON, from before the server had the type
	picture_sha1	BINARY(20) NULL,
	active		BIT(1) NOT NULL DEFAULT b'1',
	listed_at	DATETIME(3) NOT NULL,
	FOREIGN KEY (category_id) REFERENCES categories (category_id),
	FOREIGN KEY (maker_id) REFERENCES makers (maker_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE product_prices (
	product_id	INT UNSIGNED NOT NULL,
	currency	CHAR(3) CHARACTER SET ascii NOT NULL,
	amount		DECIMAL(14,4) NOT NULL,
	PRIMARY KEY (product_id, currency),
	FOREIGN KEY (product_id) REFERENCES products (product_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE cart_items (
	customer_id	INT UNSIGNED NOT NULL,
	product_id	INT UNSIGNED NOT NULL,
	quantity	INT NOT NULL,
	currency	CHAR(3) CHARACTER SET ascii NOT NULL DEFAULT 'EUR',
	added_at	DATETIME NOT NULL,
	PRIMARY KEY (customer_id, product_id),
	FOREIGN KEY (customer_id) REFERENCES customers (customer_id),
	FOREIGN KEY (product_id) REFERENCES products (product_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE orders (
	order_id	BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	order_no	CHAR(10) CHARACTER SET ascii NOT NULL UNIQUE,	-- '0000000042'
	customer_id	INT UNSIGNED NOT NULL,
	status		ENUM('new', 'paid', 'packed', 'sent', 'returned') NOT NULL,
	ship_kind	ENUM('home', 'work', 'gift') NULL,	-- NULL: collected in the shop
	currency	CHAR(3) CHARACTER SET ascii NOT NULL DEFAULT 'EUR',
	total		DECIMAL(12,2) NOT NULL DEFAULT 0,
	note		TEXT NULL,
	placed_at	TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	ordered_on	DATE NOT NULL,
	sent_on		DATE NULL,
	FOREIGN KEY (customer_id) REFERENCES customers (customer_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE order_lines (
	order_id	BIGINT UNSIGNED NOT NULL,
	line_no		SMALLINT UNSIGNED NOT NULL,
	product_id	INT UNSIGNED NOT NULL,
	quantity	INT NOT NULL,
	unit_price	DECIMAL(10,2) NOT NULL,
	rebate		DECIMAL(10,2) NULL,
	options		JSON NULL,
	PRIMARY KEY (order_id, line_no),
	FOREIGN KEY (order_id) REFERENCES orders (order_id),
	FOREIGN KEY (product_id) REFERENCES products (product_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
