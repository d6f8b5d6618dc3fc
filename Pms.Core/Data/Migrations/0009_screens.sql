-- An item may be wanted on another day than its order; null: on the order's.
ALTER TABLE order_items ADD COLUMN due_on {text(10)} NULL;

-- A job that isn't first in its machine's sequence needs a reason here to be started.
ALTER TABLE departments ADD COLUMN sequence_reason {bool} NOT NULL DEFAULT 0;

-- Where the pieces made of a cancelled item went. kind: Stock, OtherOrder, Scrap, Customer
CREATE TABLE dispositions (
  id         {identity},
  item_id    BIGINT NOT NULL,
  kind       {text(16)} NOT NULL,
  quantity   BIGINT NOT NULL,
  why        {text(500)} NOT NULL,
  at         BIGINT NOT NULL,
  by_name    {text(120)} NOT NULL
);
CREATE UNIQUE INDEX ux_dispositions_item ON dispositions (item_id);
