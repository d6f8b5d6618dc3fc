-- Days on which a department's load stands at or above the warning threshold and its planners were told of it; a row goes when the load falls below.
CREATE TABLE capacity_warnings (
  id             {identity},
  department_id  BIGINT NOT NULL,
  on_day         {text(10)} NOT NULL
);
CREATE UNIQUE INDEX ux_capacity_warnings_day ON capacity_warnings (department_id, on_day);
