-- Since when a hold has had to reach what it has not, for an alarm: one that is pulled again after months is not late for that.
-- Null: since it was placed.
ALTER TABLE hold ADD COLUMN reach_since timestamptz(3);

GRANT UPDATE (reach_since) ON hold TO curfew_app;
GRANT SELECT (placed_at, reach_since) ON hold TO curfew_clockwork;
