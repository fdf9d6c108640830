-- Groups of technicians, the proof that an account's object is gone, and how a connection and a customer go: only after every
-- account of ours there is proven closed, or was left behind by somebody who says so.

CREATE TABLE technician_group (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  state text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT technician_group_pkey PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX technician_group_organization_id_name_key ON technician_group (organization_id, name);
CREATE TABLE technician_group_member (
  organization_id uuid NOT NULL,
  group_id uuid NOT NULL,
  technician_id uuid NOT NULL,
  CONSTRAINT technician_group_member_pkey PRIMARY KEY (organization_id, group_id, technician_id)
);
CREATE INDEX technician_group_member_organization_id_technician_id_idx
  ON technician_group_member (organization_id, technician_id);
ALTER TABLE technician_group
  ADD CONSTRAINT technician_group_organization_id_fkey FOREIGN KEY (organization_id)
    REFERENCES organization (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT technician_group_state CHECK (state IN ('active', 'archived'));
ALTER TABLE technician_group_member
  ADD CONSTRAINT technician_group_member_organization_id_group_id_fkey FOREIGN KEY (organization_id, group_id)
    REFERENCES technician_group (organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT technician_group_member_organization_id_technician_id_fkey FOREIGN KEY (organization_id, technician_id)
    REFERENCES technician (organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- Who may use a policy: none named means every technician.
ALTER TABLE access_policy ADD COLUMN technician_groups uuid[] NOT NULL DEFAULT '{}';

ALTER TABLE managed_account
  ADD COLUMN removal jsonb,
  ADD COLUMN closed_at timestamptz(3),
  ADD COLUMN left_behind_at timestamptz(3);
ALTER TABLE managed_account
  -- Nothing rings for an account that is closed, and it is closed when its object was never made or is proven gone, or when
  -- somebody left it behind.
  ADD CONSTRAINT managed_account_closed CHECK (
    closed_at IS NULL
    OR (due_at IS NULL AND take_at IS NULL
        AND (left_behind_at IS NOT NULL OR object_id IS NULL OR removal IS NOT NULL))),
  ADD CONSTRAINT managed_account_left_behind CHECK (left_behind_at IS NULL OR closed_at IS NOT NULL);
-- Whoever is connected anew begins with new accounts; the closed ones stay as history.
DROP INDEX managed_account_organization_id_customer_id_upn_key;
DROP INDEX managed_account_one_jit;
CREATE UNIQUE INDEX managed_account_organization_id_customer_id_upn_key
  ON managed_account (organization_id, customer_id, upn) WHERE (closed_at IS NULL);
CREATE UNIQUE INDEX managed_account_one_jit
  ON managed_account (organization_id, customer_id, technician_id) WHERE (kind = 'jit' AND closed_at IS NULL);
CREATE INDEX managed_account_organization_id_customer_id_id_idx ON managed_account (organization_id, customer_id, id);

-- What forbade a grant once forbids it for ever, also when it is taken back before anybody has looked.
ALTER TABLE access_grant ADD COLUMN forbidden text;
ALTER TABLE access_grant
  ADD CONSTRAINT access_grant_forbidden CHECK (
    forbidden IN (
      'technician_left', 'technician_suspended', 'not_entitled', 'policy_removed', 'customer_removed',
      'connection_removed')),
  DROP CONSTRAINT access_grant_state,
  ADD CONSTRAINT access_grant_state CHECK (
    state IN ('scheduled', 'starting', 'active', 'failed', 'ending', 'ended', 'left_behind')),
  ADD CONSTRAINT access_grant_left_behind CHECK (
    state <> 'left_behind' OR (end_reason IS NOT NULL AND ending_at IS NOT NULL));

-- The only row of Curfew's that is ever deleted while it means something, and the database itself sees to it that nothing
-- hangs on it any more.
CREATE FUNCTION refuse_early_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'removing' OR EXISTS (
    SELECT FROM managed_account a
     WHERE a.organization_id = OLD.organization_id AND a.customer_id = OLD.customer_id AND a.closed_at IS NULL)
  THEN
    RAISE EXCEPTION 'an Entra connection goes last' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN OLD;
END
$$;
CREATE TRIGGER entra_connection_goes_last BEFORE DELETE ON entra_connection
  FOR EACH ROW EXECUTE FUNCTION refuse_early_removal();
CREATE INDEX entra_connection_removing ON entra_connection (organization_id, customer_id) WHERE (state = 'removing');

DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['technician_group', 'technician_group_member'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY organization_isolation ON %I TO curfew_app, curfew_revoker '
      'USING (organization_id = (SELECT current_organization())) '
      'WITH CHECK (organization_id = (SELECT current_organization()))',
      tenant_table);
  END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE (name, state) ON technician_group TO curfew_app;
GRANT SELECT, INSERT, DELETE ON technician_group_member TO curfew_app;
GRANT UPDATE (role) ON technician TO curfew_app;
GRANT DELETE ON entra_connection TO curfew_app;

-- The revoker needs to know whether somebody is still entitled, and keeps the proof that an object is gone.
GRANT SELECT (organization_id, id, state) ON technician_group TO curfew_revoker;
GRANT SELECT ON technician_group_member TO curfew_revoker;
GRANT UPDATE (removal) ON managed_account TO curfew_revoker;

-- Which removals are under way, for the sweep that finishes them.
GRANT SELECT (organization_id, customer_id, state) ON entra_connection TO curfew_clockwork;
CREATE POLICY clockwork_reads_removals ON entra_connection FOR SELECT TO curfew_clockwork USING (true);
