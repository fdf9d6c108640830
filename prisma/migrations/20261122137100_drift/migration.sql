-- Comparing Entra with the rows: when each account is next looked at as a whole and what was found, how far each customer's
-- changes were read, and users with a marker like ours that no account knows.

ALTER TABLE managed_account
  ADD COLUMN drift jsonb,
  ADD COLUMN look_at timestamptz(3);
-- Forced row-level security hides the rows from the owner of the tables too.
ALTER TABLE managed_account NO FORCE ROW LEVEL SECURITY;
UPDATE managed_account SET look_at = now() WHERE object_id IS NOT NULL;
ALTER TABLE managed_account FORCE ROW LEVEL SECURITY;
CREATE INDEX managed_account_look ON managed_account (organization_id, customer_id, look_at) WHERE look_at IS NOT NULL;
CREATE INDEX managed_account_object ON managed_account (organization_id, customer_id, object_id) WHERE object_id IS NOT NULL;

ALTER TABLE access_grant
  DROP CONSTRAINT access_grant_end_reason,
  ADD CONSTRAINT access_grant_end_reason CHECK (
    end_reason IN (
      'expired', 'ended_by_technician', 'ended_by_admin', 'policy_removed', 'failed', 'stopped_in_entra', 'killed',
      'restored', 'technician_left', 'technician_suspended', 'not_entitled', 'customer_removed', 'connection_removed'));

CREATE TABLE customer_drift (
  organization_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  tenant_id text,
  cursor text,
  told_at timestamptz(3),
  due_at timestamptz(3) NOT NULL,
  epoch integer NOT NULL DEFAULT 0,
  claimed_until timestamptz(3),
  CONSTRAINT customer_drift_pkey PRIMARY KEY (organization_id, customer_id),
  CONSTRAINT customer_drift_cursor_of_a_tenant CHECK (cursor IS NULL OR tenant_id IS NOT NULL)
);
CREATE INDEX customer_drift_due ON customer_drift (due_at);

CREATE TABLE stray_user (
  organization_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  object_id text NOT NULL,
  upn text NOT NULL,
  verdict text NOT NULL,
  account_id uuid,
  found_at timestamptz(3) NOT NULL,
  contained_at timestamptz(3),
  CONSTRAINT stray_user_pkey PRIMARY KEY (organization_id, customer_id, object_id),
  CONSTRAINT stray_user_verdict CHECK (verdict IN ('orphan', 'second_bearer', 'unproven')),
  CONSTRAINT stray_user_only_orphans_are_contained CHECK (verdict = 'orphan' OR contained_at IS NULL),
  CONSTRAINT stray_user_orphan_is_somebodys CHECK (verdict <> 'orphan' OR account_id IS NOT NULL)
);
CREATE INDEX stray_user_open ON stray_user (organization_id, customer_id, found_at)
  WHERE verdict = 'orphan' AND contained_at IS NULL;

ALTER TABLE customer_drift
  ADD CONSTRAINT customer_drift_organization_id_customer_id_fkey FOREIGN KEY (organization_id, customer_id)
    REFERENCES customer (organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE stray_user
  ADD CONSTRAINT stray_user_organization_id_customer_id_fkey FOREIGN KEY (organization_id, customer_id)
    REFERENCES customer (organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- Customers that are connected already are compared from now on.
ALTER TABLE entra_connection NO FORCE ROW LEVEL SECURITY;
INSERT INTO customer_drift (organization_id, customer_id, due_at)
  SELECT organization_id, customer_id, now() FROM entra_connection;
ALTER TABLE entra_connection FORCE ROW LEVEL SECURITY;

ALTER TABLE customer_drift ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer_drift FORCE ROW LEVEL SECURITY;
ALTER TABLE stray_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE stray_user FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_isolation ON customer_drift TO curfew_app
  USING (organization_id = (SELECT current_organization()))
  WITH CHECK (organization_id = (SELECT current_organization()));
CREATE POLICY organization_isolation ON stray_user TO curfew_app
  USING (organization_id = (SELECT current_organization()))
  WITH CHECK (organization_id = (SELECT current_organization()));
CREATE POLICY clockwork_reads ON customer_drift FOR SELECT TO curfew_clockwork USING (true);
CREATE POLICY clockwork_claims ON customer_drift FOR UPDATE TO curfew_clockwork USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE ON customer_drift, stray_user TO curfew_app;
GRANT SELECT (organization_id, customer_id, due_at, epoch, claimed_until),
  UPDATE (epoch, claimed_until) ON customer_drift TO curfew_clockwork;
GRANT SELECT (look_at, closed_at) ON managed_account TO curfew_clockwork;
-- Converge writes what it saw, whoever runs it.
GRANT UPDATE (drift, look_at) ON managed_account TO curfew_revoker;
