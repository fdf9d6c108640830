-- A hold stands from its own commit on. Since when every account in its scope is due; null: some row could not be had yet, and is
-- reached by whoever looks next.
ALTER TABLE hold ADD COLUMN reached_at timestamptz(3);
UPDATE hold SET reached_at = placed_at;

CREATE INDEX hold_unreached ON hold (organization_id, id) WHERE reached_at IS NULL;

GRANT UPDATE (reached_at) ON hold TO curfew_app;
GRANT SELECT (organization_id, id, reached_at) ON hold TO curfew_clockwork;
CREATE POLICY clockwork_reads ON hold FOR SELECT TO curfew_clockwork USING (true);
