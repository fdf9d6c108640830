-- A credential that only the revoker uses, what a tenant's clock says against ours, and the revoker's rights column by column.

CREATE TABLE entra_revoker_credential (
  organization_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  cloud text NOT NULL,
  tenant_id text NOT NULL,
  client_id text NOT NULL,
  credential_kind text NOT NULL,
  -- Gone once it was removed: the row stays, so that no version is ever sealed twice.
  sealed_credential text,
  state text NOT NULL,
  checked_at timestamptz(3) NOT NULL,
  version integer NOT NULL,
  CONSTRAINT entra_revoker_credential_pkey PRIMARY KEY (organization_id, customer_id)
);
ALTER TABLE entra_revoker_credential ADD CONSTRAINT entra_revoker_credential_organization_id_customer_id_fkey
  FOREIGN KEY (organization_id, customer_id) REFERENCES customer(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE entra_revoker_credential
  ADD CONSTRAINT entra_revoker_credential_cloud CHECK (cloud IN ('global', 'us-government', 'china', 'custom')),
  ADD CONSTRAINT entra_revoker_credential_kind CHECK (credential_kind IN ('secret', 'certificate')),
  ADD CONSTRAINT entra_revoker_credential_state CHECK (
    state IN ('active', 'removed') AND (state = 'removed') = (sealed_credential IS NULL)),
  ADD CONSTRAINT entra_revoker_credential_version CHECK (version > 0);

-- By how much Graph's clock in that tenant is ahead of ours (negative: behind), as last measured. No row: no difference known.
CREATE TABLE tenant_clock (
  organization_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  ahead_ms integer NOT NULL,
  measured_at timestamptz(3) NOT NULL,
  CONSTRAINT tenant_clock_pkey PRIMARY KEY (organization_id, customer_id)
);
ALTER TABLE tenant_clock ADD CONSTRAINT tenant_clock_organization_id_customer_id_fkey
  FOREIGN KEY (organization_id, customer_id) REFERENCES customer(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE tenant_clock
  ADD CONSTRAINT tenant_clock_bounded CHECK (ahead_ms BETWEEN -604800000 AND 604800000);

DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['entra_revoker_credential', 'tenant_clock'] LOOP
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

-- Whoever writes the credential can't read it back: API and workers see that there is one, and the revoker alone what it is.
GRANT SELECT (organization_id, customer_id, cloud, tenant_id, client_id, credential_kind, state, checked_at, version),
  INSERT, UPDATE ON entra_revoker_credential TO curfew_app;
GRANT SELECT ON entra_revoker_credential TO curfew_revoker;
GRANT SELECT, INSERT, UPDATE ON tenant_clock TO curfew_app, curfew_revoker;

-- The revoker moves a grant through its life and keeps the books of an account. It puts off no end, widens nothing that was
-- approved, and makes no account somebody else's.
REVOKE UPDATE ON access_grant, managed_account FROM curfew_revoker;
GRANT UPDATE (state, end_reason, failure, active_at, ending_at, taken_at, ended_at, proofs, version)
  ON access_grant TO curfew_revoker;
GRANT UPDATE (upn, marker, object_id, may_hold, pristine, sealed_password, sealed_password_state,
    sealed_password_generation, password_generation, verification, failure, due_at, take_at, version, epoch, claimed_until)
  ON managed_account TO curfew_revoker;
