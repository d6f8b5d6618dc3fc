-- A counter only goes up; one that was exchanged or set back says so and why. meters_version: readings of one machine are decided one after the other.
ALTER TABLE meter_readings ADD COLUMN is_reset {bool} NOT NULL DEFAULT 0;
ALTER TABLE meter_readings ADD COLUMN reason {text(200)} NULL;
ALTER TABLE meter_readings ADD COLUMN by_whom {text(120)} NOT NULL DEFAULT '';
ALTER TABLE machines ADD COLUMN meters_version INT NOT NULL DEFAULT 0;
