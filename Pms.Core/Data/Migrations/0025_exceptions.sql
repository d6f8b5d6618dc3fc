-- What the exceptions page asks: items that are late on a day of their own, and jobs of which pieces were rejected later.
CREATE INDEX ix_order_items_due ON order_items (due_on, status);
CREATE INDEX ix_jobs_rejects ON jobs (later_rejects);
