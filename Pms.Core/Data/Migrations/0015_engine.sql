-- What a start, resume, take-over or report found, so that its undo can give it back.
ALTER TABLE jobs ADD COLUMN was_machine_id BIGINT NULL;
ALTER TABLE jobs ADD COLUMN was_operator_id BIGINT NULL;
ALTER TABLE jobs ADD COLUMN was_note {text(500)} NULL;
ALTER TABLE jobs ADD COLUMN was_phase {text(8)} NULL;

-- Set where time and pieces were entered afterwards from a paper sheet: when and by whom.
ALTER TABLE jobs ADD COLUMN entered_at BIGINT NULL;
ALTER TABLE jobs ADD COLUMN entered_by {text(120)} NULL;

-- Where pieces went that a step had made when its item's quantity was lowered below them. kind: Stock, OtherOrder, Scrap, Customer
CREATE TABLE surpluses (
  id         {identity},
  item_id    BIGINT NOT NULL,
  step_id    BIGINT NOT NULL,
  kind       {text(16)} NOT NULL,
  quantity   BIGINT NOT NULL,
  at         BIGINT NOT NULL,
  by_name    {text(120)} NOT NULL
);
CREATE INDEX ix_surpluses_item ON surpluses (item_id);
