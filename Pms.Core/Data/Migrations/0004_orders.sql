CREATE TABLE customers (
  id        {identity},
  name      {text(200)} NOT NULL,
  name_key  {text(200)} NOT NULL,
  active    {bool} NOT NULL DEFAULT 1,
  version   INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_customers_name ON customers (name_key);

-- status: Unscheduled, Scheduled, InProgress, Completed, Closed, Cancelled; derived from the jobs, written in the job's own transaction.
CREATE TABLE orders (
  id                 {identity},
  number             {text(64)} NOT NULL,
  number_key         {text(64)} NOT NULL,
  sales_order_number {text(64)} NULL,
  customer_id        BIGINT NOT NULL,
  value              BIGINT NULL,
  starts_on          {text(10)} NULL,
  due_on             {text(10)} NOT NULL,
  priority           INT NOT NULL DEFAULT 1,
  status             {text(16)} NOT NULL,
  notes              {longtext} NULL,
  created_at         BIGINT NOT NULL,
  completed_at       BIGINT NULL,
  version            INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_orders_number ON orders (number_key);
CREATE INDEX ix_orders_status ON orders (status, due_on);
CREATE INDEX ix_orders_customer ON orders (customer_id);

CREATE TABLE order_items (
  id             {identity},
  order_id       BIGINT NOT NULL,
  line           INT NOT NULL,
  product_id     BIGINT NOT NULL,
  quantity       BIGINT NOT NULL,
  unit_price     BIGINT NULL,
  over_tolerance BIGINT NULL,
  under_tolerance BIGINT NULL,
  specifications {longtext} NULL,
  status         {text(16)} NOT NULL,
  version        INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_order_items_line ON order_items (order_id, line);
CREATE INDEX ix_order_items_product ON order_items (product_id);

CREATE TABLE order_item_variants (
  item_id     BIGINT NOT NULL,
  variant_id  BIGINT NOT NULL,
  quantity    BIGINT NOT NULL,
  PRIMARY KEY (item_id, variant_id)
);

-- One step of an item's production path, copied from the product when the order is made.
CREATE TABLE order_steps (
  id                 {identity},
  item_id            BIGINT NOT NULL,
  position           INT NOT NULL,
  stage_id           BIGINT NOT NULL,
  department_id      BIGINT NOT NULL,
  setup_minutes      BIGINT NOT NULL,
  run_minutes        BIGINT NULL,
  crew               INT NOT NULL DEFAULT 1,
  scrap_share        BIGINT NOT NULL DEFAULT 0,
  factor             BIGINT NOT NULL DEFAULT 1000000,
  transfer_quantity  BIGINT NULL,
  required           {bool} NOT NULL DEFAULT 1,
  parallel           {bool} NOT NULL DEFAULT 0,
  accepted_short_at  BIGINT NULL,
  accepted_short_by  {text(120)} NULL,
  accepted_short_why {text(500)} NULL,
  version            INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_order_steps_position ON order_steps (item_id, position);

-- Material, artwork, tool: Unknown, Ok, Short, per step. Unknown never blocks.
CREATE TABLE step_readiness (
  step_id  BIGINT NOT NULL,
  what     {text(16)} NOT NULL,
  state    {text(16)} NOT NULL,
  on_day   {text(10)} NULL,
  by_name  {text(120)} NOT NULL,
  at       BIGINT NOT NULL,
  PRIMARY KEY (step_id, what)
);

-- Several may be open at once; lifting one leaves the others. scope: Order, Item, Step, Job. state: Open, Lifted, Voided
CREATE TABLE holds (
  id            {identity},
  scope         {text(8)} NOT NULL,
  order_id      BIGINT NOT NULL,
  item_id       BIGINT NULL,
  step_id       BIGINT NULL,
  job_id        BIGINT NULL,
  kind          {text(16)} NOT NULL,
  note          {text(500)} NOT NULL,
  expected_on   {text(10)} NULL,
  stop_now      {bool} NOT NULL,
  state         {text(8)} NOT NULL,
  opened_at     BIGINT NOT NULL,
  opened_by     {text(120)} NOT NULL,
  ended_at      BIGINT NULL,
  ended_by      {text(120)} NULL,
  version       INT NOT NULL DEFAULT 1
);
CREATE INDEX ix_holds_order ON holds (order_id, state);
CREATE INDEX ix_holds_state ON holds (state, opened_at);
