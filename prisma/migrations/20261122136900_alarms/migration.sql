-- What is alarming is read from the rows, by whoever still lives: nothing here remembers an alarm.

-- When each layer of each process was last known to work. Of the deployment, and of no organization.
CREATE TABLE heartbeat (
  layer                  TEXT           NOT NULL,
  instance               TEXT           NOT NULL,
  first_at               TIMESTAMPTZ(3) NOT NULL,
  at                     TIMESTAMPTZ(3) NOT NULL,
  ended                  BOOLEAN        NOT NULL,
  -- How far the machine's clock is ahead of the database's; null: not measured lately.
  database_difference_ms INTEGER,

  CONSTRAINT heartbeat_pkey PRIMARY KEY (layer, instance),
  CONSTRAINT heartbeat_layer CHECK (layer IN ('api', 'bells', 'sweep', 'revoker', 'drift')),
  CONSTRAINT heartbeat_instance CHECK (length(instance) BETWEEN 1 AND 64),
  CONSTRAINT heartbeat_times CHECK (first_at <= at)
);
-- Written every few seconds, and never read by an index on what changes.
ALTER TABLE heartbeat SET (fillfactor = 50);
ALTER TABLE heartbeat ENABLE ROW LEVEL SECURITY;
ALTER TABLE heartbeat FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_deployment ON heartbeat TO curfew_clockwork USING (true) WITH CHECK (true);
-- Whoever is gone is forgotten: the one thing that may be deleted.
GRANT SELECT, INSERT, UPDATE, DELETE ON heartbeat TO curfew_clockwork;

-- The clockwork's own view of what stands as JSON beside texts of Graph's and of people's: derived, so that it can't differ.
ALTER TABLE managed_account
  ADD COLUMN failure_reason TEXT GENERATED ALWAYS AS (failure ->> 'reason') STORED,
  ADD COLUMN failure_since_at TIMESTAMPTZ(3) GENERATED ALWAYS AS (
    CASE WHEN jsonb_typeof(failure -> 'sinceAt') = 'number'
         THEN to_timestamp((failure ->> 'sinceAt')::double precision / 1000) END) STORED,
  ADD COLUMN read_back_at TIMESTAMPTZ(3) GENERATED ALWAYS AS (
    CASE WHEN jsonb_typeof(verification -> 'nextAt') = 'number'
         THEN to_timestamp((verification ->> 'nextAt')::double precision / 1000) END) STORED,
  ADD COLUMN may_be_enabled BOOLEAN GENERATED ALWAYS AS ((may_hold ->> 'enabled') IS NOT NULL) STORED;

CREATE INDEX managed_account_failing ON managed_account (organization_id, customer_id)
  WHERE failure_reason IS NOT NULL;
CREATE INDEX managed_account_may_be_enabled ON managed_account (organization_id, id) WHERE may_be_enabled;

-- When the credential ends, as far as it says so itself or somebody told us.
ALTER TABLE entra_connection ADD COLUMN credential_ends_at TIMESTAMPTZ(3);
CREATE INDEX entra_connection_credential_end ON entra_connection (credential_ends_at)
  WHERE credential_ends_at IS NOT NULL;

GRANT SELECT (kind, failure_reason, failure_since_at, read_back_at, may_be_enabled)
  ON managed_account TO curfew_clockwork;
GRANT SELECT (organization_id, customer_id, credential_ends_at) ON entra_connection TO curfew_clockwork;
GRANT SELECT (organization_id, id, account_id, state, starts_at, expires_at, ending_at, taken_at)
  ON access_grant TO curfew_clockwork;
GRANT SELECT (organization_id, customer_id, ahead_ms, measured_at) ON tenant_clock TO curfew_clockwork;
CREATE POLICY clockwork_reads ON tenant_clock FOR SELECT TO curfew_clockwork USING (true);
CREATE POLICY clockwork_reads ON entra_connection FOR SELECT TO curfew_clockwork USING (true);
CREATE POLICY clockwork_reads ON access_grant FOR SELECT TO curfew_clockwork USING (true);
