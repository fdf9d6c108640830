-- One app registration of the organization's own, which its customers consent to, in place of one in each customer's tenant.

CREATE TABLE organization_app (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  cloud text NOT NULL,
  tenant_id text NOT NULL,
  client_id text NOT NULL,
  credential_kind text NOT NULL,
  -- Gone once it was removed: the row stays, so that no version is ever sealed twice.
  sealed_credential text,
  state text NOT NULL,
  checked_at timestamptz(3) NOT NULL,
  credential_ends_at timestamptz(3),
  version integer NOT NULL,
  CONSTRAINT organization_app_pkey PRIMARY KEY (organization_id, id)
);
ALTER TABLE organization_app ADD CONSTRAINT organization_app_organization_id_fkey
  FOREIGN KEY (organization_id) REFERENCES organization(id) ON DELETE RESTRICT ON UPDATE RESTRICT;
CREATE UNIQUE INDEX organization_app_organization_id_cloud_key ON organization_app (organization_id, cloud);
ALTER TABLE organization_app
  ADD CONSTRAINT organization_app_cloud CHECK (cloud IN ('global', 'us-government', 'china', 'custom')),
  ADD CONSTRAINT organization_app_kind CHECK (credential_kind IN ('secret', 'certificate')),
  ADD CONSTRAINT organization_app_state CHECK (
    state IN ('active', 'removed') AND (state = 'removed') = (sealed_credential IS NULL)),
  ADD CONSTRAINT organization_app_version CHECK (version > 0);

ALTER TABLE organization_app ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization_app FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_isolation ON organization_app TO curfew_app, curfew_revoker, curfew_keys
  USING (organization_id = (SELECT current_organization()))
  WITH CHECK (organization_id = (SELECT current_organization()));
GRANT SELECT, INSERT, UPDATE ON organization_app TO curfew_app;
GRANT SELECT ON organization_app TO curfew_revoker;
GRANT SELECT (organization_id, id, version, sealed_credential), UPDATE (sealed_credential)
  ON organization_app TO curfew_keys;

-- A connection has a credential of its own, or uses that of its organization's app.
ALTER TABLE entra_connection ADD COLUMN organization_app_id uuid;
ALTER TABLE entra_connection ALTER COLUMN sealed_credential DROP NOT NULL;
ALTER TABLE entra_connection ADD CONSTRAINT entra_connection_organization_id_organization_app_id_fkey
  FOREIGN KEY (organization_id, organization_app_id) REFERENCES organization_app(organization_id, id)
  ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE entra_connection ADD CONSTRAINT entra_connection_one_credential CHECK (
  (organization_app_id IS NULL) = (sealed_credential IS NOT NULL)
  AND (organization_app_id IS NULL OR credential_ends_at IS NULL));
CREATE INDEX entra_connection_organization_id_organization_app_id_idx
  ON entra_connection (organization_id, organization_app_id);
CREATE INDEX entra_connection_organization_id_tenant_id_idx ON entra_connection (organization_id, tenant_id);
-- Whoever consents to the app does it for one customer: no other gets into the tenant by it.
CREATE UNIQUE INDEX entra_connection_one_of_a_tenant ON entra_connection (organization_id, cloud, tenant_id)
  WHERE organization_app_id IS NOT NULL;

-- Alarms tell when the credential ends, of each customer that uses it.
GRANT SELECT (organization_id, id, credential_ends_at) ON organization_app TO curfew_clockwork;
GRANT SELECT (organization_app_id) ON entra_connection TO curfew_clockwork;
CREATE POLICY clockwork_reads ON organization_app FOR SELECT TO curfew_clockwork USING (true);
