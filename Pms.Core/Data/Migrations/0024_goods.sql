-- What moved of an item's material. Entries are never changed: a wrong one gets a counter-entry (negative) that names it.
-- kind: Received, Issued, Returned, Scrapped. over_why: why it is more than was there.
CREATE TABLE material_moves (
  id           {identity},
  order_id     BIGINT NOT NULL,
  item_id      BIGINT NOT NULL,
  kind         {text(16)} NOT NULL,
  quantity     BIGINT NOT NULL,
  note         {text(500)} NULL,
  over_why     {text(500)} NULL,
  at           BIGINT NOT NULL,
  by_name      {text(120)} NOT NULL,
  corrects_id  BIGINT NULL
);
CREATE INDEX ix_material_moves_item ON material_moves (item_id);
CREATE INDEX ix_material_moves_order ON material_moves (order_id, at);
CREATE UNIQUE INDEX ux_material_moves_corrects ON material_moves (corrects_id);

-- Where finished pieces went, and when. kind: Customer, Stock, OtherOrder, Scrap. Corrected as above.
CREATE TABLE dispatches (
  id           {identity},
  order_id     BIGINT NOT NULL,
  item_id      BIGINT NOT NULL,
  kind         {text(16)} NOT NULL,
  quantity     BIGINT NOT NULL,
  on_day       {text(10)} NOT NULL,
  note         {text(500)} NULL,
  over_why     {text(500)} NULL,
  at           BIGINT NOT NULL,
  by_name      {text(120)} NOT NULL,
  corrects_id  BIGINT NULL
);
CREATE INDEX ix_dispatches_item ON dispatches (item_id);
CREATE INDEX ix_dispatches_order ON dispatches (order_id, at);
CREATE UNIQUE INDEX ux_dispatches_corrects ON dispatches (corrects_id);

-- Moves and dispatches of one order are decided one after the other, and so is its closing; its head stays as it was read.
ALTER TABLE orders ADD COLUMN goods_version INT NOT NULL DEFAULT 0;

UPDATE step_readiness SET what = 'Material' WHERE what = 'material';
UPDATE step_readiness SET what = 'Artwork' WHERE what = 'artwork';
UPDATE step_readiness SET what = 'Tool' WHERE what = 'tool';
