-- Whoever adds load to a department takes its turn first, in the same transaction: the row's lock lets one decide at a time. Nobody reads the version.
CREATE TABLE capacity_turns (
  id             {identity},
  department_id  BIGINT NOT NULL,
  version        INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_capacity_turns_department ON capacity_turns (department_id);

-- When a machine can't run by plan, half-open; they don't overlap on one machine. kind: Planned. windows_version: windows of one machine are decided one after the other.
CREATE TABLE machine_windows (
  id          {identity},
  machine_id  BIGINT NOT NULL,
  kind        {text(16)} NOT NULL,
  starts_at   BIGINT NOT NULL,
  ends_at     BIGINT NOT NULL,
  reason      {text(200)} NOT NULL,
  version     INT NOT NULL DEFAULT 1
);
CREATE INDEX ix_machine_windows_machine ON machine_windows (machine_id, ends_at);
ALTER TABLE machines ADD COLUMN windows_version INT NOT NULL DEFAULT 0;
