-- status: Open, Assigned, InProgress, AwaitingParts, Completed, Cancelled. stands: the machine can't run until released_at.
CREATE TABLE maintenance_tickets (
  id             {identity},
  number         {text(32)} NOT NULL,
  machine_id     BIGINT NOT NULL,
  department_id  BIGINT NOT NULL,
  reason_id      BIGINT NULL,
  description    {text(1000)} NOT NULL,
  severity       {text(16)} NOT NULL,
  stands         {bool} NOT NULL,
  status         {text(16)} NOT NULL,
  reported_by    {text(120)} NOT NULL,
  reporter_employee_id BIGINT NULL,
  assigned_employee_id BIGINT NULL,
  opened_at      BIGINT NOT NULL,
  stands_from    BIGINT NULL,
  expected_back  BIGINT NULL,
  started_at     BIGINT NULL,
  completed_at   BIGINT NULL,
  released_at    BIGINT NULL,
  work_done      {longtext} NULL,
  version        INT NOT NULL DEFAULT 1,
  standing_id    BIGINT GENERATED ALWAYS AS (CASE WHEN stands = 1 AND released_at IS NULL THEN machine_id END) VIRTUAL
);
CREATE UNIQUE INDEX ux_maintenance_tickets_number ON maintenance_tickets (number);
CREATE INDEX ix_maintenance_tickets_machine ON maintenance_tickets (machine_id, opened_at);
CREATE INDEX ix_maintenance_tickets_status ON maintenance_tickets (status, opened_at);
CREATE UNIQUE INDEX ux_maintenance_tickets_standing ON maintenance_tickets (standing_id);
CREATE INDEX ix_maintenance_tickets_released ON maintenance_tickets (released_at);

-- One row per person told; event_key makes twice telling impossible. args: JSON array that fills the words of kind.
CREATE TABLE notifications (
  id           {identity},
  user_id      BIGINT NULL,
  employee_id  BIGINT NULL,
  recipient    {text(32)} NOT NULL,
  kind         {text(64)} NOT NULL,
  args         {longtext} NOT NULL,
  link         {text(300)} NULL,
  event_key    {text(100)} NOT NULL,
  created_at   BIGINT NOT NULL,
  read_at      BIGINT NULL
);
CREATE UNIQUE INDEX ux_notifications_event ON notifications (recipient, event_key);
CREATE INDEX ix_notifications_recipient ON notifications (recipient, read_at, id);

-- Read-only wall boards: the link's token is stored as a hash and can be revoked.
CREATE TABLE wall_boards (
  id             {identity},
  name           {text(64)} NOT NULL,
  department_id  BIGINT NULL,
  token_hash     {text(64)} NOT NULL,
  show_names     {bool} NOT NULL DEFAULT 0,
  created_at     BIGINT NOT NULL,
  created_by     {text(120)} NOT NULL,
  last_seen_at   BIGINT NULL,
  revoked_at     BIGINT NULL,
  version        INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_wall_boards_token ON wall_boards (token_hash);
