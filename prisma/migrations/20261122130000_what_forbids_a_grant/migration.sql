-- What forbids a grant to give anything, whatever was approved: a hold, a person who was suspended or has left, a customer or a
-- connection that is being removed. And an account's own end: its object goes from Entra once nothing live needs it.

ALTER TABLE customer ADD COLUMN state text NOT NULL DEFAULT 'active';
ALTER TABLE entra_connection ADD COLUMN state text NOT NULL DEFAULT 'active';
ALTER TABLE managed_account ADD COLUMN retirement text;

CREATE TABLE hold (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  technician_id uuid,
  customer_id uuid,
  reason text NOT NULL,
  placed_at timestamptz(3) NOT NULL,
  placed_by jsonb NOT NULL,
  lifted_at timestamptz(3),
  lifted_by jsonb,
  CONSTRAINT hold_pkey PRIMARY KEY (organization_id, id)
);
CREATE INDEX hold_organization_id_technician_id_idx ON hold (organization_id, technician_id);
CREATE INDEX hold_organization_id_customer_id_idx ON hold (organization_id, customer_id);
ALTER TABLE hold
  ADD CONSTRAINT hold_organization_id_fkey FOREIGN KEY (organization_id)
    REFERENCES organization (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT hold_organization_id_technician_id_fkey FOREIGN KEY (organization_id, technician_id)
    REFERENCES technician (organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT hold_organization_id_customer_id_fkey FOREIGN KEY (organization_id, customer_id)
    REFERENCES customer (organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT hold_one_scope CHECK (technician_id IS NULL OR customer_id IS NULL),
  ADD CONSTRAINT hold_lifted_by_somebody CHECK ((lifted_at IS NULL) = (lifted_by IS NULL));

ALTER TABLE technician
  DROP CONSTRAINT technician_state,
  ADD CONSTRAINT technician_state CHECK (state IN ('active', 'suspended', 'left'));
ALTER TABLE customer ADD CONSTRAINT customer_state CHECK (state IN ('active', 'removing', 'removed'));
ALTER TABLE entra_connection ADD CONSTRAINT entra_connection_state CHECK (state IN ('active', 'removing'));
ALTER TABLE managed_account ADD CONSTRAINT managed_account_retirement CHECK (
  retirement IN ('technician_left', 'customer_removed', 'connection_removed', 'unused', 'ended_with_delete'));
ALTER TABLE access_grant
  DROP CONSTRAINT access_grant_end_reason,
  ADD CONSTRAINT access_grant_end_reason CHECK (
    end_reason IN (
      'expired', 'ended_by_technician', 'ended_by_admin', 'policy_removed', 'failed', 'killed', 'restored',
      'technician_left', 'technician_suspended', 'not_entitled', 'customer_removed', 'connection_removed'));

ALTER TABLE hold ENABLE ROW LEVEL SECURITY;
ALTER TABLE hold FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_isolation ON hold TO curfew_app, curfew_revoker
  USING (organization_id = (SELECT current_organization()))
  WITH CHECK (organization_id = (SELECT current_organization()));
ALTER POLICY organization_isolation ON technician TO curfew_app, curfew_revoker;

-- A hold is lifted, never changed or forgotten.
GRANT SELECT, INSERT, UPDATE (lifted_at, lifted_by) ON hold TO curfew_app;
GRANT UPDATE (state) ON technician, customer TO curfew_app;

-- The revoker needs to know what forbids a grant, and nothing else of people.
GRANT SELECT (organization_id, id, technician_id, customer_id, placed_at, lifted_at) ON hold TO curfew_revoker;
GRANT SELECT (organization_id, id, state) ON technician TO curfew_revoker;
