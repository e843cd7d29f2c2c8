-- Orders, and what each customer still owes.
CREATE TABLE customer (
  id    INTEGER PRIMARY KEY,
  name  TEXT NOT NULL UNIQUE
);

CREATE TABLE flour_order (
  number     TEXT PRIMARY KEY,
  customer   INTEGER NOT NULL REFERENCES customer (id),
  placed_on  TEXT NOT NULL,
  kilograms  INTEGER NOT NULL CHECK (kilograms > 0),
  cents      INTEGER NOT NULL,
  paid       INTEGER NOT NULL DEFAULT 0
);

CREATE VIEW owed AS
  SELECT customer.name, SUM(flour_order.cents) / 100.0 AS amount, COUNT(*) AS orders
  FROM flour_order JOIN customer ON customer.id = flour_order.customer
  WHERE NOT flour_order.paid
  GROUP BY customer.id
  ORDER BY amount DESC;
