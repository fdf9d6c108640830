-- Whether Curfew can take back at a customer what the roles of a tier make of somebody: what a canary showed there, for which app,
-- the canaries that are under way, and when it is next read again whether what it needs is still there.

CREATE TABLE take_back_proof (
  organization_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  tier text NOT NULL,
  verdict text,
  at timestamptz(3),
  app jsonb,
  cause jsonb,
  run jsonb,
  due_at timestamptz(3),
  reread_at timestamptz(3),
  CONSTRAINT take_back_proof_pkey PRIMARY KEY (organization_id, customer_id, tier),
  CONSTRAINT take_back_proof_tier CHECK (tier IN ('limited', 'admin')),
  CONSTRAINT take_back_proof_verdict CHECK (
    verdict IS NULL OR (verdict IN ('proven', 'failed', 'lost') AND at IS NOT NULL AND app IS NOT NULL)),
  CONSTRAINT take_back_proof_run CHECK ((run IS NULL) = (due_at IS NULL)),
  CONSTRAINT take_back_proof_size CHECK (
    coalesce(length(app::text), 0) + coalesce(length(cause::text), 0) + coalesce(length(run::text), 0) <= 65536)
);
ALTER TABLE take_back_proof ADD CONSTRAINT take_back_proof_organization_id_customer_id_fkey
  FOREIGN KEY (organization_id, customer_id) REFERENCES customer(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
CREATE INDEX take_back_proof_due ON take_back_proof (due_at) WHERE due_at IS NOT NULL;

ALTER TABLE take_back_proof ENABLE ROW LEVEL SECURITY;
ALTER TABLE take_back_proof FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_isolation ON take_back_proof TO curfew_app
  USING (organization_id = (SELECT current_organization()))
  WITH CHECK (organization_id = (SELECT current_organization()));
GRANT SELECT, INSERT, UPDATE ON take_back_proof TO curfew_app;
-- Sweeps and alarms see ids, times and the verdict.
CREATE POLICY clockwork_reads ON take_back_proof FOR SELECT TO curfew_clockwork USING (true);
GRANT SELECT (organization_id, customer_id, tier, verdict, at, due_at) ON take_back_proof TO curfew_clockwork;
