-- status: Planned, Running, Paused, Finished, Cancelled. phase: Setup, Run (while Running or Paused).
-- kind: Normal, Manual, Rework, MakeUp. good/scrap/rework are the sums of job_reports, kept in the same transaction.
-- run_minutes is the copied standard per piece (PRI). last_* is what Undo looks at.
CREATE TABLE jobs (
  id               {identity},
  order_id         BIGINT NOT NULL,
  item_id          BIGINT NOT NULL,
  step_id          BIGINT NOT NULL,
  product_id       BIGINT NOT NULL,
  department_id    BIGINT NOT NULL,
  stage_id         BIGINT NOT NULL,
  work_centre_id   BIGINT NULL,
  machine_id       BIGINT NULL,
  employee_id      BIGINT NULL,
  locked           {bool} NOT NULL DEFAULT 0,
  kind             {text(16)} NOT NULL,
  status           {text(16)} NOT NULL,
  phase            {text(8)} NULL,
  run_id           BIGINT NULL,
  planned          BIGINT NOT NULL,
  planned_start    BIGINT NOT NULL,
  planned_end      BIGINT NOT NULL,
  sequence         BIGINT NOT NULL DEFAULT 0,
  setup_minutes    BIGINT NOT NULL,
  run_minutes      BIGINT NULL,
  last_step        {bool} NOT NULL DEFAULT 0,
  good             BIGINT NOT NULL DEFAULT 0,
  scrap            BIGINT NOT NULL DEFAULT 0,
  rework           BIGINT NOT NULL DEFAULT 0,
  later_rejects    BIGINT NOT NULL DEFAULT 0,
  started_at       BIGINT NULL,
  paused_at        BIGINT NULL,
  pause_reason_id  BIGINT NULL,
  pause_cause      {text(16)} NULL,
  finished_at      BIGINT NULL,
  finish           {text(16)} NULL,
  operator_id      BIGINT NULL,
  note             {text(500)} NULL,
  last_action      {text(16)} NULL,
  last_action_at   BIGINT NULL,
  last_action_by   BIGINT NULL,
  last_report_id   BIGINT NULL,
  released_at      BIGINT NULL,
  created_at       BIGINT NOT NULL,
  version          INT NOT NULL DEFAULT 1
);
CREATE INDEX ix_jobs_department ON jobs (department_id, status, planned_start);
CREATE INDEX ix_jobs_machine ON jobs (machine_id, status, sequence);
CREATE INDEX ix_jobs_step ON jobs (step_id, status);
CREATE INDEX ix_jobs_item ON jobs (item_id, status);
CREATE INDEX ix_jobs_order ON jobs (order_id, status);
CREATE INDEX ix_jobs_employee ON jobs (employee_id, status);
CREATE INDEX ix_jobs_status ON jobs (status, planned_end);
CREATE INDEX ix_jobs_finished ON jobs (department_id, finished_at);
CREATE INDEX ix_jobs_status_finished ON jobs (status, finished_at);

CREATE TABLE job_variants (
  job_id      BIGINT NOT NULL,
  variant_id  BIGINT NOT NULL,
  planned     BIGINT NOT NULL,
  PRIMARY KEY (job_id, variant_id)
);

-- Increments, never totals; a correction is a counter-entry (negative) that names what it corrects. on_shift_day: the production day.
CREATE TABLE job_reports (
  id               {identity},
  job_id           BIGINT NOT NULL,
  step_id          BIGINT NOT NULL,
  department_id    BIGINT NOT NULL,
  stage_id         BIGINT NOT NULL,
  machine_id       BIGINT NULL,
  employee_id      BIGINT NULL,
  variant_id       BIGINT NULL,
  at               BIGINT NOT NULL,
  good             BIGINT NOT NULL DEFAULT 0,
  scrap            BIGINT NOT NULL DEFAULT 0,
  rework           BIGINT NOT NULL DEFAULT 0,
  scrap_reason_id  BIGINT NULL,
  over_input_why   {text(500)} NULL,
  corrects_id      BIGINT NULL,
  run_minutes      BIGINT NULL,
  last_step        {bool} NOT NULL DEFAULT 0,
  shift_day        {text(10)} NOT NULL,
  shift_id         BIGINT NULL
);
CREATE INDEX ix_job_reports_job ON job_reports (job_id, at);
CREATE INDEX ix_job_reports_step ON job_reports (step_id);
CREATE INDEX ix_job_reports_department ON job_reports (department_id, at);
CREATE INDEX ix_job_reports_machine ON job_reports (machine_id, at);
CREATE INDEX ix_job_reports_employee ON job_reports (employee_id, at);
CREATE INDEX ix_job_reports_day ON job_reports (shift_day, department_id, last_step);

-- The machine's stream. kind: Setup, Run, Stop, Rework. A stop holds no slot (slot null). state: Open, Closed, ToConfirm, Superseded, Void, Locked.
-- open_machine_id makes "one open interval per machine slot" a rule of the database.
CREATE TABLE machine_runs (
  id               {identity},
  machine_id       BIGINT NOT NULL,
  department_id    BIGINT NOT NULL,
  slot             INT NULL,
  job_id           BIGINT NOT NULL,
  kind             {text(8)} NOT NULL,
  reason_id        BIGINT NULL,
  kpi_class        {text(16)} NULL,
  started_at       BIGINT NOT NULL,
  ended_at         BIGINT NULL,
  state            {text(16)} NOT NULL,
  replaces_id      BIGINT NULL,
  open_machine_id  BIGINT GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL THEN machine_id END) VIRTUAL,
  open_job_id      BIGINT GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL THEN job_id END) VIRTUAL
);
CREATE UNIQUE INDEX ux_machine_runs_open ON machine_runs (open_machine_id, slot);
CREATE UNIQUE INDEX ux_machine_runs_job ON machine_runs (open_job_id);
CREATE INDEX ix_machine_runs_machine ON machine_runs (machine_id, started_at);
CREATE INDEX ix_machine_runs_job ON machine_runs (job_id, started_at);
CREATE INDEX ix_machine_runs_department ON machine_runs (department_id, started_at);
CREATE INDEX ix_machine_runs_state ON machine_runs (state, started_at);
CREATE INDEX ix_machine_runs_ended ON machine_runs (ended_at);

-- A person's stream. kind: Setup, Run, Rework, Indirect, Break. A person may hold several slots; one open interval per slot.
CREATE TABLE work_times (
  id                {identity},
  employee_id       BIGINT NOT NULL,
  department_id     BIGINT NOT NULL,
  slot              INT NULL,
  job_id            BIGINT NULL,
  machine_id        BIGINT NULL,
  kind              {text(8)} NOT NULL,
  activity          {text(64)} NULL,
  share             BIGINT NULL,
  started_at        BIGINT NOT NULL,
  ended_at          BIGINT NULL,
  state             {text(16)} NOT NULL,
  replaces_id       BIGINT NULL,
  open_employee_id  BIGINT GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL THEN employee_id END) VIRTUAL
);
CREATE UNIQUE INDEX ux_work_times_open ON work_times (open_employee_id, slot);
CREATE INDEX ix_work_times_employee ON work_times (employee_id, started_at);
CREATE INDEX ix_work_times_job ON work_times (job_id, started_at);
CREATE INDEX ix_work_times_department ON work_times (department_id, started_at);
CREATE INDEX ix_work_times_state ON work_times (state, started_at);

-- Clock-in to clock-out.
CREATE TABLE presences (
  id                {identity},
  employee_id       BIGINT NOT NULL,
  department_id     BIGINT NOT NULL,
  started_at        BIGINT NOT NULL,
  ended_at          BIGINT NULL,
  state             {text(16)} NOT NULL,
  open_employee_id  BIGINT GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL THEN employee_id END) VIRTUAL
);
CREATE UNIQUE INDEX ux_presences_open ON presences (open_employee_id);
CREATE INDEX ix_presences_employee ON presences (employee_id, started_at);
CREATE INDEX ix_presences_department ON presences (department_id, ended_at);

-- A supervisor's word that the day's times of a shift are right; locks its intervals.
CREATE TABLE shift_approvals (
  id             {identity},
  department_id  BIGINT NOT NULL,
  shift_day      {text(10)} NOT NULL,
  shift_id       BIGINT NOT NULL,
  approved_at    BIGINT NOT NULL,
  approved_by    {text(120)} NOT NULL
);
CREATE UNIQUE INDEX ux_shift_approvals_shift ON shift_approvals (department_id, shift_day, shift_id);
