-- A pass that can't be kept busy: what was found beyond a bound is counted and not kept, orphans are tried in turn, and it is
-- told when a customer was last compared as a whole.

ALTER TABLE customer_drift
  -- Of a customer that never was: when comparing began.
  ADD COLUMN compared_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  ADD COLUMN unkept integer NOT NULL DEFAULT 0,
  ADD COLUMN unkept_at timestamptz(3),
  ADD CONSTRAINT customer_drift_unkept CHECK (unkept >= 0);
ALTER TABLE stray_user ADD COLUMN tried_at timestamptz(3);

CREATE INDEX customer_drift_compared ON customer_drift (compared_at);
CREATE INDEX customer_drift_unkept_at ON customer_drift (unkept_at) WHERE unkept_at IS NOT NULL;
CREATE INDEX stray_user_told ON stray_user (organization_id, customer_id) WHERE verdict <> 'orphan';

GRANT SELECT (compared_at, unkept, unkept_at) ON customer_drift TO curfew_clockwork;
