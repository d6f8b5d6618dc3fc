-- One row: what was set on the page, as JSON by name; what isn't named has its default. Secrets are sealed.
CREATE TABLE plant_settings (
  id      BIGINT NOT NULL PRIMARY KEY,
  stored  {longtext} NOT NULL,
  version INT NOT NULL DEFAULT 1
);
INSERT INTO plant_settings (id, stored) VALUES (1, '{}');
