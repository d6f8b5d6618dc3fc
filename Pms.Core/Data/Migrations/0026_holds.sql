-- When the slots of what is on hold went back to the plan; null: they are still kept.
ALTER TABLE holds ADD COLUMN freed_at BIGINT NULL;

-- The hold that took a job out of the plan. The row keeps its place, which is offered again when the hold is lifted.
ALTER TABLE jobs ADD COLUMN freed_by BIGINT NULL;
