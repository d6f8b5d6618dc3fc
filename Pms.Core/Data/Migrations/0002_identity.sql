CREATE TABLE users (
  id                    {identity},
  user_name             {text(64)} NOT NULL,
  user_name_key         {text(64)} NOT NULL,
  display_name          {text(120)} NOT NULL,
  email                 {text(200)} NULL,
  password_hash         {text(200)} NULL,
  must_change_password  {bool} NOT NULL DEFAULT 0,
  password_expires_at   BIGINT NULL,
  employee_id           BIGINT NULL,
  culture               {text(16)} NULL,
  active                {bool} NOT NULL DEFAULT 1,
  created_at            BIGINT NOT NULL,
  version               INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_users_name ON users (user_name_key);
CREATE UNIQUE INDEX ux_users_employee ON users (employee_id);

CREATE TABLE roles (
  id        {identity},
  code      {text(64)} NOT NULL,
  name      {text(120)} NOT NULL,
  name_key  {text(120)} NOT NULL,
  seeded    {bool} NOT NULL DEFAULT 0,
  active    {bool} NOT NULL DEFAULT 1,
  version   INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_roles_code ON roles (code);
CREATE UNIQUE INDEX ux_roles_name ON roles (name_key);

-- scope: All or Own (departments of the person)
CREATE TABLE role_permissions (
  role_id     BIGINT NOT NULL,
  permission  {text(64)} NOT NULL,
  scope       {text(8)} NOT NULL,
  PRIMARY KEY (role_id, permission)
);

CREATE TABLE user_roles (
  user_id  BIGINT NOT NULL,
  role_id  BIGINT NOT NULL,
  PRIMARY KEY (user_id, role_id)
);

-- For users who are not employees; an employee's own departments count by themselves.
CREATE TABLE user_departments (
  user_id        BIGINT NOT NULL,
  department_id  BIGINT NOT NULL,
  PRIMARY KEY (user_id, department_id)
);

-- Of employees; a table of its own, because hashes belong to identity and not to whoever edits a person's name.
CREATE TABLE employee_credentials (
  employee_id     BIGINT NOT NULL PRIMARY KEY,
  pin_hash        {text(200)} NULL,
  pin_set_at      BIGINT NULL,
  badge_hash      {text(64)} NULL,
  badge_issued_at BIGINT NULL,
  version         INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_employee_credentials_badge ON employee_credentials (badge_hash);

-- id: SHA-256 of the token in the cookie or in the refresh token's family; kind: Cookie, Api, Terminal; method: Password, Pin, Badge
CREATE TABLE sessions (
  id            {text(64)} NOT NULL PRIMARY KEY,
  kind          {text(16)} NOT NULL,
  method        {text(16)} NOT NULL,
  user_id       BIGINT NULL,
  employee_id   BIGINT NULL,
  terminal_id   BIGINT NULL,
  badge_only    {bool} NOT NULL DEFAULT 0,
  created_at    BIGINT NOT NULL,
  last_seen_at  BIGINT NOT NULL,
  expires_at    BIGINT NOT NULL,
  ended_at      BIGINT NULL,
  refresh_hash  {text(64)} NULL,
  ip            {text(45)} NULL,
  agent         {text(200)} NULL
);
CREATE INDEX ix_sessions_user ON sessions (user_id, created_at);
CREATE INDEX ix_sessions_employee ON sessions (employee_id, created_at);
CREATE INDEX ix_sessions_expires ON sessions (expires_at);

-- subject: account and device, account and address, or address; only failures count
CREATE TABLE sign_in_failures (
  subject     {text(100)} NOT NULL PRIMARY KEY,
  failures    INT NOT NULL,
  window_at   BIGINT NOT NULL,
  blocked_until BIGINT NOT NULL DEFAULT 0
);

-- Devices that signed a person in before are not delayed by failures elsewhere.
CREATE TABLE known_devices (
  device_hash  {text(64)} NOT NULL,
  principal    {text(64)} NOT NULL,
  last_seen_at BIGINT NOT NULL,
  PRIMARY KEY (device_hash, principal)
);

CREATE TABLE terminals (
  id             {identity},
  name           {text(64)} NOT NULL,
  department_id  BIGINT NOT NULL,
  token_hash     {text(64)} NOT NULL,
  enrolled_at    BIGINT NOT NULL,
  last_seen_at   BIGINT NULL,
  revoked_at     BIGINT NULL,
  version        INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_terminals_token ON terminals (token_hash);
