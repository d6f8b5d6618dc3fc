-- Security events, and every filter by action, within a span of time.
CREATE INDEX ix_audit_action ON audit (action, at);

-- One row: how long entries are kept. exceptions is JSON: entity and days.
CREATE TABLE audit_retention (
  id         BIGINT NOT NULL PRIMARY KEY,
  days       INT NOT NULL,
  exceptions {longtext} NOT NULL,
  version    INT NOT NULL DEFAULT 1
);
INSERT INTO audit_retention (id, days, exceptions) VALUES (1, 2557, '[]');

-- What was taken out of audit into a signed file; the file proves it, this row says where to look.
CREATE TABLE audit_archives (
  number     BIGINT NOT NULL PRIMARY KEY,
  made_at    BIGINT NOT NULL,
  file       {text(64)} NOT NULL,
  entity     {text(32)} NULL,
  entries    INT NOT NULL,
  first_seal BIGINT NOT NULL,
  last_seal  BIGINT NOT NULL,
  oldest_at  BIGINT NOT NULL,
  newest_at  BIGINT NOT NULL
);

-- Verifications, the running one with how far it is.
CREATE TABLE audit_checks (
  id          {identity},
  started_at  BIGINT NOT NULL,
  beat_at     BIGINT NOT NULL,
  ended_at    BIGINT NULL,
  started_by  {text(120)} NOT NULL,
  seals       BIGINT NOT NULL DEFAULT 0,
  seals_total BIGINT NOT NULL DEFAULT 0,
  entries     BIGINT NOT NULL DEFAULT 0,
  archived    BIGINT NOT NULL DEFAULT 0,
  unsealed    BIGINT NOT NULL DEFAULT 0,
  roots       INT NOT NULL DEFAULT 0,
  root_day    {text(10)} NULL,
  last_hash   {text(64)} NULL,
  problem     {text(500)} NULL
);
