-- SPDX-License-Identifier: ISC
-- A small shop, the same each time: 1,000 customers, 150 products, 8,000 orders
-- of 2025 with about 20,000 lines.  Numbers that should look random are made by
-- multiplying with large odd numbers.
--
--	sqlite3 shop.db <shop.sql

BEGIN;

CREATE TABLE customers (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	email TEXT UNIQUE,
	city TEXT NOT NULL,
	country TEXT NOT NULL,
	since TEXT NOT NULL
);

CREATE TABLE products (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	category TEXT NOT NULL,
	price INTEGER NOT NULL, -- cents
	stock INTEGER NOT NULL
);

CREATE TABLE orders (
	id INTEGER PRIMARY KEY,
	customer_id INTEGER NOT NULL REFERENCES customers (id),
	ordered_on TEXT NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('open', 'paid', 'shipped', 'returned'))
);

CREATE TABLE order_lines (
	order_id INTEGER NOT NULL REFERENCES orders (id),
	line INTEGER NOT NULL,
	product_id INTEGER NOT NULL REFERENCES products (id),
	quantity INTEGER NOT NULL,
	price INTEGER NOT NULL, -- cents, when it was ordered
	PRIMARY KEY (order_id, line)
);

WITH RECURSIVE
	n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000),
	first (i, name) AS (VALUES
		(0, 'Ada'), (1, 'Bruno'), (2, 'Chloé'), (3, 'Dmitri'), (4, 'Esra'),
		(5, 'Fatima'), (6, 'Grace'), (7, 'Hiro'), (8, 'Ines'), (9, 'Jón'),
		(10, 'Kateryna'), (11, 'Liam'), (12, 'Mei')),
	last (i, name) AS (VALUES
		(0, 'Adler'), (1, 'Bakker'), (2, 'Costa'), (3, 'Dubois'), (4, 'Eriksson'),
		(5, 'Fischer'), (6, 'García'), (7, 'Horváth'), (8, 'Ito'), (9, 'Jensen'),
		(10, 'Kowalski'), (11, 'Lindqvist'), (12, 'Moretti'), (13, 'Nguyen'),
		(14, 'O''Brien'), (15, 'Petrov'), (16, 'Quinn')),
	place (i, city, country) AS (VALUES
		(0, 'Berlin', 'DE'), (1, 'Hamburg', 'DE'), (2, 'München', 'DE'),
		(3, 'Paris', 'FR'), (4, 'Lyon', 'FR'), (5, 'Wien', 'AT'),
		(6, 'Zürich', 'CH'), (7, 'Amsterdam', 'NL'), (8, 'Kraków', 'PL'),
		(9, 'Oslo', 'NO'), (10, 'Porto', 'PT'))
INSERT INTO customers
	SELECT n.i, first.name || ' ' || last.name,
		CASE WHEN n.i % 40 = 0 THEN NULL ELSE 'customer' || n.i || '@example.org' END,
		place.city, place.country,
		date('2019-01-01', '+' || (n.i * 2654435761 % 2100) || ' days')
	FROM n
	JOIN first ON first.i = n.i * 40503 % 13
	JOIN last ON last.i = n.i * 69621 % 17
	JOIN place ON place.i = (n.i * 2654435761 >> 9) % 11;

WITH RECURSIVE
	n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150),
	kind (i, name, category) AS (VALUES
		(0, 'Desk lamp', 'lighting'), (1, 'Floor lamp', 'lighting'),
		(2, 'Oak chair', 'furniture'), (3, 'Folding table', 'furniture'),
		(4, 'Bookshelf', 'furniture'), (5, 'Notebook', 'stationery'),
		(6, 'Fountain pen', 'stationery'), (7, 'Kettle', 'kitchen'),
		(8, 'Bread knife', 'kitchen'), (9, 'Bird feeder', 'garden'))
INSERT INTO products
	SELECT n.i, kind.name || ' no. ' || ((n.i + 9) / 10), kind.category,
		195 + n.i * 48271 % 19800, n.i * 16807 % 90
	FROM n JOIN kind ON kind.i = n.i % 10;

WITH RECURSIVE
	n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)
INSERT INTO orders
	SELECT i, 1 + (i * 2654435761 >> 7) % 997,
		date('2025-01-01', '+' || (i * 365 / 8001) || ' days'),
		CASE
		WHEN i % 23 = 0 THEN 'returned'
		WHEN i > 7800 THEN 'open'
		WHEN i > 7500 THEN 'paid'
		ELSE 'shipped'
		END
	FROM n;

WITH RECURSIVE
	line (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM line WHERE i < 4)
INSERT INTO order_lines
	SELECT orders.id, line.i, products.id, 1 + (orders.id + line.i) * 7 % 5, products.price
	FROM orders
	JOIN line ON line.i <= 1 + orders.id * 31 % 4
	JOIN products ON products.id = 1 + ((orders.id * 4 + line.i) * 2246822519 >> 9) % 150;

CREATE INDEX orders_by_customer ON orders (customer_id);
CREATE INDEX order_lines_by_product ON order_lines (product_id);

COMMIT;
