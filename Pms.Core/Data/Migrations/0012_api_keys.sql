-- Only the SHA-256 of a key is kept. permissions and departments: names and ids separated by commas; no departments means all that the creator has.
CREATE TABLE api_keys (
  id           {identity},
  name         {text(120)} NOT NULL,
  prefix       {text(16)} NOT NULL,
  token_hash   {text(64)} NOT NULL,
  user_id      BIGINT NOT NULL,
  permissions  {longtext} NOT NULL,
  departments  {longtext} NOT NULL,
  per_minute   INT NOT NULL,
  created_at   BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  last_used_at BIGINT NULL,
  last_ip      {text(45)} NULL,
  revoked_at   BIGINT NULL,
  version      INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_api_keys_token ON api_keys (token_hash);
CREATE INDEX ix_api_keys_user ON api_keys (user_id);
