-- The language somebody reads PMS in; null: as the plant or their browser has it.
ALTER TABLE users ADD COLUMN language {text(8)} NULL;
