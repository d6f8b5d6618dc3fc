-- TOTP (RFC 6238) of one user. secret: encrypted by Data Protection for this user; confirmed_at null: begun, not proven yet.
-- last_step: the last time step that was used, so that no code works twice.
CREATE TABLE second_factors (
  user_id       BIGINT NOT NULL PRIMARY KEY,
  secret        {text(600)} NOT NULL,
  started_at    BIGINT NOT NULL,
  confirmed_at  BIGINT NULL,
  last_step     BIGINT NOT NULL DEFAULT 0
);

-- Only hashes; each works once.
CREATE TABLE recovery_codes (
  user_id    BIGINT NOT NULL,
  code_hash  {text(64)} NOT NULL,
  used_at    BIGINT NULL,
  PRIMARY KEY (user_id, code_hash)
);

ALTER TABLE roles ADD COLUMN needs_second_factor {bool} NOT NULL DEFAULT 0;

-- enrol_first: signed in with a role that asks for a second factor, without having one.
ALTER TABLE sessions ADD COLUMN enrol_first {bool} NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN device_hash {text(64)} NULL;

ALTER TABLE known_devices ADD COLUMN first_seen_at BIGINT NULL;
ALTER TABLE known_devices ADD COLUMN ip {text(45)} NULL;
ALTER TABLE known_devices ADD COLUMN agent {text(200)} NULL;
CREATE INDEX ix_known_devices_principal ON known_devices (principal, last_seen_at);
