CREATE TABLE departments (
  id               {identity},
  code             {text(32)} NOT NULL,
  code_key         {text(32)} NOT NULL,
  name             {text(120)} NOT NULL,
  name_key         {text(120)} NOT NULL,
  kind             {text(16)} NOT NULL,
  manager_user_id  BIGINT NULL,
  daily_target     BIGINT NULL,
  weekly_target    BIGINT NULL,
  monthly_target   BIGINT NULL,
  capacity_per_day BIGINT NULL,
  position         INT NOT NULL DEFAULT 0,
  active           {bool} NOT NULL DEFAULT 1,
  version          INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_departments_code ON departments (code_key);

-- kind: Machine, Bench, External, Wait. minutes are per unit, decimal.
CREATE TABLE stages (
  id                {identity},
  department_id     BIGINT NOT NULL,
  name              {text(120)} NOT NULL,
  name_key          {text(120)} NOT NULL,
  position          INT NOT NULL,
  kind              {text(16)} NOT NULL,
  run_minutes       BIGINT NULL,
  setup_minutes     BIGINT NULL,
  supplier          {text(120)} NULL,
  lead_days         INT NULL,
  wait_hours        BIGINT NULL,
  checks            {text(120)} NOT NULL DEFAULT '',
  transfer_quantity BIGINT NULL,
  capacity_per_day  BIGINT NULL,
  active            {bool} NOT NULL DEFAULT 1,
  version           INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_stages_name ON stages (department_id, name_key);

-- The narrowest scope wins: machine, else department, else plant (both null). days: bit 0 Monday … bit 6 Sunday; times in minutes of the plant's day.
CREATE TABLE shifts (
  id             {identity},
  department_id  BIGINT NULL,
  machine_id     BIGINT NULL,
  name           {text(64)} NOT NULL,
  days           INT NOT NULL,
  starts_minute  INT NOT NULL,
  length_minutes INT NOT NULL,
  valid_from     {text(10)} NULL,
  valid_to       {text(10)} NULL,
  active         {bool} NOT NULL DEFAULT 1,
  version        INT NOT NULL DEFAULT 1
);
CREATE TABLE shift_breaks (
  id              {identity},
  shift_id        BIGINT NOT NULL,
  after_minutes   INT NOT NULL,
  length_minutes  INT NOT NULL
);
CREATE INDEX ix_shift_breaks_shift ON shift_breaks (shift_id);

-- kind: Closed, ExtraShift, ChangedHours
CREATE TABLE calendar_exceptions (
  id             {identity},
  department_id  BIGINT NULL,
  machine_id     BIGINT NULL,
  on_day         {text(10)} NOT NULL,
  kind           {text(16)} NOT NULL,
  starts_minute  INT NULL,
  length_minutes INT NULL,
  reason         {text(200)} NOT NULL,
  version        INT NOT NULL DEFAULT 1
);
CREATE INDEX ix_calendar_exceptions_day ON calendar_exceptions (on_day);

CREATE TABLE work_centres (
  id             {identity},
  department_id  BIGINT NOT NULL,
  code           {text(32)} NOT NULL,
  code_key       {text(32)} NOT NULL,
  name           {text(120)} NOT NULL,
  active         {bool} NOT NULL DEFAULT 1,
  version        INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_work_centres_code ON work_centres (code_key);

CREATE TABLE machines (
  id               {identity},
  number           {text(32)} NOT NULL,
  number_key       {text(32)} NOT NULL,
  name             {text(120)} NOT NULL,
  name_key         {text(120)} NOT NULL,
  department_id    BIGINT NOT NULL,
  work_centre_id   BIGINT NULL,
  type             {text(64)} NULL,
  manufacturer     {text(120)} NULL,
  model            {text(120)} NULL,
  serial           {text(120)} NULL,
  purchased_on     {text(10)} NULL,
  speed_factor     BIGINT NOT NULL DEFAULT 1000000,
  pieces_per_cycle INT NOT NULL DEFAULT 1,
  ideal_minutes    BIGINT NULL,
  slots            INT NOT NULL DEFAULT 1,
  unattended       {bool} NOT NULL DEFAULT 0,
  retired_at       BIGINT NULL,
  allocations_version INT NOT NULL DEFAULT 0,
  version          INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_machines_number ON machines (number_key);
CREATE INDEX ix_machines_department ON machines (department_id);

CREATE TABLE machine_stages (
  machine_id  BIGINT NOT NULL,
  stage_id    BIGINT NOT NULL,
  PRIMARY KEY (machine_id, stage_id)
);

CREATE TABLE meter_readings (
  id          {identity},
  machine_id  BIGINT NOT NULL,
  at          BIGINT NOT NULL,
  kind        {text(16)} NOT NULL,
  value       BIGINT NOT NULL
);
CREATE INDEX ix_meter_readings_machine ON meter_readings (machine_id, kind, at);

CREATE TABLE employees (
  id             {identity},
  number         {text(32)} NOT NULL,
  number_key     {text(32)} NOT NULL,
  first_name     {text(80)} NOT NULL,
  last_name      {text(80)} NOT NULL,
  name_key       {text(170)} NOT NULL,
  department_id  BIGINT NOT NULL,
  position       {text(80)} NULL,
  kind           {text(16)} NOT NULL,
  email          {text(200)} NULL,
  phone          {text(32)} NULL,
  slots          INT NOT NULL DEFAULT 1,
  hired_on       {text(10)} NULL,
  active         {bool} NOT NULL DEFAULT 1,
  version        INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_employees_number ON employees (number_key);
CREATE INDEX ix_employees_department ON employees (department_id);

-- Further departments beside the main one.
CREATE TABLE employee_departments (
  employee_id    BIGINT NOT NULL,
  department_id  BIGINT NOT NULL,
  PRIMARY KEY (employee_id, department_id)
);

CREATE TABLE employee_skills (
  employee_id  BIGINT NOT NULL,
  stage_id     BIGINT NOT NULL,
  expires_on   {text(10)} NULL,
  PRIMARY KEY (employee_id, stage_id)
);

CREATE TABLE absences (
  id           {identity},
  employee_id  BIGINT NOT NULL,
  starts_at    BIGINT NOT NULL,
  ends_at      BIGINT NOT NULL,
  kind         {text(16)} NOT NULL,
  note         {text(200)} NULL,
  version      INT NOT NULL DEFAULT 1
);
CREATE INDEX ix_absences_employee ON absences (employee_id, ends_at);

-- level: Primary, Secondary, Backup; one primary per machine and shift at a time is held by the service's transaction.
CREATE TABLE allocations (
  id           {identity},
  employee_id  BIGINT NOT NULL,
  machine_id   BIGINT NOT NULL,
  level        {text(16)} NOT NULL,
  shift_id     BIGINT NULL,
  from_day     {text(10)} NOT NULL,
  to_day       {text(10)} NULL,
  version      INT NOT NULL DEFAULT 1
);
CREATE INDEX ix_allocations_machine ON allocations (machine_id, from_day);
CREATE INDEX ix_allocations_employee ON allocations (employee_id, from_day);

-- list: Stop, Scrap, Rework, Hold. kpi_class (stops): Planned, Technical, Organisational, Quality, Break
-- unique_key: list, department (0 for the plant's) and folded code, because NULL departments are never equal in an index.
CREATE TABLE reasons (
  id             {identity},
  list           {text(16)} NOT NULL,
  department_id  BIGINT NULL,
  code           {text(32)} NOT NULL,
  unique_key     {text(80)} NULL,
  word           {text(80)} NOT NULL,
  icon           {text(32)} NOT NULL,
  position       INT NOT NULL,
  kpi_class      {text(16)} NULL,
  opens_ticket   {bool} NOT NULL DEFAULT 0,
  ends_labour    {bool} NOT NULL DEFAULT 1,
  active         {bool} NOT NULL DEFAULT 1,
  version        INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_reasons_code ON reasons (unique_key);
CREATE INDEX ix_reasons_list ON reasons (list, department_id, position);

CREATE TABLE categories (
  id         {identity},
  parent_id  BIGINT NULL,
  name       {text(120)} NOT NULL,
  name_key   {text(120)} NOT NULL,
  version    INT NOT NULL DEFAULT 1
);

CREATE TABLE products (
  id             {identity},
  code           {text(64)} NOT NULL,
  code_key       {text(64)} NOT NULL,
  name           {text(200)} NOT NULL,
  name_key       {text(200)} NOT NULL,
  category_id    BIGINT NULL,
  unit           {text(16)} NOT NULL,
  decimals       INT NOT NULL DEFAULT 0,
  specifications {longtext} NULL,
  lifecycle      {text(16)} NOT NULL,
  version        INT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX ux_products_code ON products (code_key);
CREATE INDEX ix_products_name ON products (name_key);

CREATE TABLE product_variants (
  id          {identity},
  product_id  BIGINT NOT NULL,
  size        {text(32)} NOT NULL,
  colour      {text(64)} NOT NULL,
  position    INT NOT NULL DEFAULT 0,
  active      {bool} NOT NULL DEFAULT 1
);
CREATE INDEX ix_product_variants_product ON product_variants (product_id);

-- The default production path. factor: units out per unit in. parallel: may run beside the step before.
CREATE TABLE product_steps (
  id             {identity},
  product_id     BIGINT NOT NULL,
  position       INT NOT NULL,
  stage_id       BIGINT NOT NULL,
  setup_minutes  BIGINT NULL,
  run_minutes    BIGINT NULL,
  crew           INT NOT NULL DEFAULT 1,
  scrap_share    BIGINT NOT NULL DEFAULT 0,
  factor         BIGINT NOT NULL DEFAULT 1000000,
  required       {bool} NOT NULL DEFAULT 1,
  parallel       {bool} NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX ux_product_steps_position ON product_steps (product_id, position);

CREATE TABLE work_instructions (
  id          {identity},
  product_id  BIGINT NOT NULL,
  stage_id    BIGINT NULL,
  position    INT NOT NULL,
  text        {longtext} NOT NULL,
  link        {text(500)} NULL
);
CREATE INDEX ix_work_instructions_product ON work_instructions (product_id, position);
