-- What an order book wants of an item at which work has begun, laid before a planner. state: Open, Accepted, Dismissed, Withdrawn.
-- open_item_id makes "one open decision per item" a rule of the database.
CREATE TABLE order_decisions (
  id            {identity},
  order_id      BIGINT NOT NULL,
  item_id       BIGINT NOT NULL,
  quantity      BIGINT NOT NULL,
  wanted        BIGINT NOT NULL,
  state         {text(16)} NOT NULL,
  at            BIGINT NOT NULL,
  by_name       {text(120)} NOT NULL,
  decided_at    BIGINT NULL,
  decided_by    {text(120)} NULL,
  reason        {text(500)} NULL,
  version       INT NOT NULL DEFAULT 1,
  open_item_id  BIGINT GENERATED ALWAYS AS (CASE WHEN state = 'Open' THEN item_id END) VIRTUAL
);
CREATE UNIQUE INDEX ux_order_decisions_open ON order_decisions (open_item_id);
CREATE INDEX ix_order_decisions_order ON order_decisions (order_id, id);
CREATE INDEX ix_order_decisions_item ON order_decisions (item_id, id);
CREATE INDEX ix_order_decisions_state ON order_decisions (state, at);

-- Lists of orders are asked by whether an order is open and when something of it is due next; next_due_on is null where that is the order's own day.
ALTER TABLE orders ADD COLUMN next_due_on {text(10)} NULL;
ALTER TABLE orders ADD COLUMN is_open INT GENERATED ALWAYS AS (CASE WHEN status IN ('Unscheduled', 'Scheduled', 'InProgress') THEN 1 ELSE 0 END) VIRTUAL;
ALTER TABLE orders ADD COLUMN next_due {text(10)} GENERATED ALWAYS AS (COALESCE(next_due_on, due_on)) VIRTUAL;
UPDATE orders SET next_due_on = (SELECT MIN(COALESCE(i.due_on, orders.due_on)) FROM order_items i WHERE i.order_id = orders.id AND i.status IN ('Unscheduled', 'Scheduled', 'InProgress'));
CREATE INDEX ix_orders_open ON orders (is_open, next_due, priority, id);
CREATE INDEX ix_orders_due ON orders (next_due, priority, id);
CREATE INDEX ix_orders_state ON orders (status, next_due, priority, id);

-- How a person likes a page, by page and choice; nothing that others see.
CREATE TABLE screen_choices (
  principal  {text(64)} NOT NULL,
  name       {text(64)} NOT NULL,
  value      {text(500)} NOT NULL,
  PRIMARY KEY (principal, name)
);
