-- What a role may do with a field of an entity; no row: editable. access: Editable (only with a condition), ReadOnly, Hidden.
CREATE TABLE field_permissions (
  role_id     BIGINT NOT NULL,
  entity      {text(32)} NOT NULL,
  field       {text(64)} NOT NULL,
  access      {text(16)} NOT NULL,
  when_name   {text(64)} NULL,
  when_value  {text(64)} NULL,
  PRIMARY KEY (role_id, entity, field)
);
