-- status: Mapping, Checking, Ready, Applying, Done, Cancelled, Failed. actor, shape, mapping, error: JSON.
CREATE TABLE imports (
  id           {identity},
  entity       {text(32)} NOT NULL,
  status       {text(16)} NOT NULL,
  owner        {text(120)} NOT NULL,
  by_whom      {text(32)} NOT NULL,
  actor        {longtext} NOT NULL,
  file_name    {text(200)} NOT NULL,
  file_hash    {text(64)} NOT NULL,
  size         BIGINT NOT NULL,
  layout       {text(64)} NOT NULL,
  shape        {longtext} NOT NULL,
  mapping      {longtext} NOT NULL,
  rows_read    INT NOT NULL DEFAULT 0,
  error        {longtext} NULL,
  at           BIGINT NOT NULL,
  changed_at   BIGINT NOT NULL,
  version      INT NOT NULL DEFAULT 1
);
CREATE INDEX ix_imports_entity ON imports (entity, id);
CREATE INDEX ix_imports_status ON imports (status, id);
CREATE INDEX ix_imports_hash ON imports (file_hash);

-- status: Read, New, Changed, Unchanged, Wrong, Done, Failed. row_key: folded, by which the record is known.
CREATE TABLE import_rows (
  import_id  BIGINT NOT NULL,
  row_no     INT NOT NULL,
  row_key    {text(170)} NOT NULL,
  status     {text(16)} NOT NULL,
  cells      {longtext} NOT NULL,
  changes    {longtext} NULL,
  faults     {longtext} NULL,
  PRIMARY KEY (import_id, row_no)
);
CREATE INDEX ix_import_rows_status ON import_rows (import_id, status, row_no);
CREATE INDEX ix_import_rows_key ON import_rows (import_id, row_key, row_no);

-- Which column was which field, remembered for the next file with the same headings.
CREATE TABLE import_layouts (
  entity   {text(32)} NOT NULL,
  layout   {text(64)} NOT NULL,
  mapping  {longtext} NOT NULL,
  at       BIGINT NOT NULL,
  PRIMARY KEY (entity, layout)
);

-- What people uploaded; the content lies under the data folder by its hash. entity and entity_id: to what it belongs. role: photo, document, instruction.
CREATE TABLE files (
  id         {identity},
  entity     {text(32)} NOT NULL,
  entity_id  BIGINT NOT NULL,
  role       {text(16)} NOT NULL,
  name       {text(200)} NOT NULL,
  kind       {text(80)} NOT NULL,
  hash       {text(64)} NOT NULL,
  size       BIGINT NOT NULL,
  width      INT NULL,
  height     INT NULL,
  owner      {text(120)} NOT NULL,
  at         BIGINT NOT NULL
);
CREATE INDEX ix_files_entity ON files (entity, entity_id, role, id);
CREATE INDEX ix_files_hash ON files (hash);
