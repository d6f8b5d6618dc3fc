-- Amounts and quantities are BIGINT x 1 000 000, instants UTC milliseconds, days yyyy-MM-dd, *_key folded by Text.Key.
CREATE TABLE idempotency (
  id            {identity},
  principal     {text(64)} NOT NULL,
  request_key   {text(100)} NOT NULL,
  command       {text(64)} NOT NULL,
  request_hash  {text(64)} NOT NULL,
  result        {longtext} NULL,
  at            BIGINT NOT NULL
);
CREATE UNIQUE INDEX ux_idempotency_key ON idempotency (principal, request_key);
CREATE INDEX ix_idempotency_at ON idempotency (at);

-- What must reach somebody outside the transaction; a dispatcher takes it from here, at least once, each consumer keeps its own mark.
CREATE TABLE outbox (
  id          {identity},
  at          BIGINT NOT NULL,
  kind        {text(64)} NOT NULL,
  payload     {longtext} NOT NULL,
  done_at     BIGINT NULL,
  attempts    INT NOT NULL DEFAULT 0,
  next_at     BIGINT NOT NULL,
  error       {text(500)} NULL,
  waiting_at  BIGINT GENERATED ALWAYS AS (CASE WHEN done_at IS NULL THEN next_at END) VIRTUAL
);
CREATE INDEX ix_outbox_waiting ON outbox (waiting_at, id);
CREATE INDEX ix_outbox_done ON outbox (done_at);

CREATE TABLE leases (
  name        {text(64)} NOT NULL PRIMARY KEY,
  owner       {text(64)} NOT NULL,
  held_until  BIGINT NOT NULL
);

CREATE TABLE data_protection_keys (
  id    {identity},
  name  {text(200)} NOT NULL,
  xml   {longtext} NOT NULL
);

CREATE TABLE settings (
  name     {text(64)} NOT NULL PRIMARY KEY,
  value    {longtext} NOT NULL,
  version  INT NOT NULL DEFAULT 1
);

-- Never updated but for the seal, once; never deleted but by retention after archiving.
CREATE TABLE audit (
  id            {identity},
  at            BIGINT NOT NULL,
  user_id       BIGINT NULL,
  employee_id   BIGINT NULL,
  for_employee_id BIGINT NULL,
  terminal_id   BIGINT NULL,
  actor         {text(120)} NOT NULL,
  channel       {text(16)} NOT NULL,
  ip            {text(45)} NULL,
  agent         {text(200)} NULL,
  request_id    {text(64)} NULL,
  action        {text(64)} NOT NULL,
  entity        {text(32)} NOT NULL,
  entity_id     BIGINT NOT NULL,
  department_id BIGINT NULL,
  changes       {longtext} NULL,
  reason        {text(500)} NULL,
  seal          BIGINT NULL
);
CREATE INDEX ix_audit_entity ON audit (entity, entity_id, id);
CREATE INDEX ix_audit_at ON audit (at);
CREATE INDEX ix_audit_user ON audit (user_id, id);
CREATE INDEX ix_audit_employee ON audit (employee_id, id);
CREATE INDEX ix_audit_seal ON audit (seal, id);

CREATE TABLE audit_seals (
  number     BIGINT NOT NULL PRIMARY KEY,
  at         BIGINT NOT NULL,
  row_hashes {longtext} NOT NULL,
  row_count  INT NOT NULL,
  previous   {text(64)} NOT NULL,
  hash       {text(64)} NOT NULL
);
