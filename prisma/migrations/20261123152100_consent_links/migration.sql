-- Consent links: what was asked of a customer's admin, and what came of it. Whatever a redirect says is a claim.

CREATE TABLE customer_consent (
  organization_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  id uuid NOT NULL,
  cloud text NOT NULL,
  client_id text NOT NULL,
  expected_tenant_id text,
  domain text,
  -- Of the link's secret; it is used once, since the state moves on with it.
  state_digest text NOT NULL,
  made_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  state text NOT NULL,
  claimed_tenant_id text,
  answered_at timestamptz(3),
  proven jsonb,
  problem jsonb,
  attempts integer NOT NULL,
  due_at timestamptz(3),
  version integer NOT NULL,
  CONSTRAINT customer_consent_pkey PRIMARY KEY (organization_id, customer_id),
  CONSTRAINT customer_consent_cloud CHECK (cloud IN ('global', 'us-government', 'china', 'custom')),
  CONSTRAINT customer_consent_state CHECK (
    state IN ('open', 'waiting', 'to_confirm', 'connected', 'failed', 'withdrawn')
    AND (state = 'waiting') = (due_at IS NOT NULL)
    AND (state <> 'waiting' OR (claimed_tenant_id IS NOT NULL AND answered_at IS NOT NULL))),
  -- No other tenant than the one that an admin named is ever proven or connected.
  CONSTRAINT customer_consent_tenant CHECK (
    state NOT IN ('waiting', 'to_confirm', 'connected') OR expected_tenant_id IS NULL
    OR expected_tenant_id = claimed_tenant_id),
  CONSTRAINT customer_consent_lives CHECK (expires_at > made_at),
  CONSTRAINT customer_consent_bounded CHECK (
    length(state_digest) <= 128 AND length(proven::text) <= 65536 AND length(problem::text) <= 16384),
  CONSTRAINT customer_consent_counts CHECK (attempts >= 0 AND version > 0)
);
ALTER TABLE customer_consent ADD CONSTRAINT customer_consent_organization_id_customer_id_fkey
  FOREIGN KEY (organization_id, customer_id) REFERENCES customer(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
CREATE UNIQUE INDEX customer_consent_organization_id_state_digest_key ON customer_consent (organization_id, state_digest);
CREATE INDEX customer_consent_due ON customer_consent (due_at) WHERE due_at IS NOT NULL;

ALTER TABLE customer_consent ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer_consent FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_isolation ON customer_consent TO curfew_app
  USING (organization_id = (SELECT current_organization()))
  WITH CHECK (organization_id = (SELECT current_organization()));
GRANT SELECT, INSERT, UPDATE ON customer_consent TO curfew_app;

-- The sweep looks for what is due.
GRANT SELECT (organization_id, customer_id, due_at) ON customer_consent TO curfew_clockwork;
CREATE POLICY clockwork_reads ON customer_consent FOR SELECT TO curfew_clockwork USING (true);
