-- A certificate that Curfew made for a customer's app, until it has proven itself in the tenant; and a workload's identity as the
-- revoker's own way in.

CREATE TABLE entra_pending_certificate (
  organization_id uuid NOT NULL,
  -- One of its own for each certificate: no text is ever sealed twice to the same place.
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  certificate text NOT NULL,
  subject text NOT NULL,
  thumbprint text NOT NULL,
  thumbprint_sha256 text NOT NULL,
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  sealed_credential text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT entra_pending_certificate_pkey PRIMARY KEY (organization_id, id)
);
ALTER TABLE entra_pending_certificate ADD CONSTRAINT entra_pending_certificate_organization_id_customer_id_fkey
  FOREIGN KEY (organization_id, customer_id) REFERENCES customer(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
-- One at a time: with two, nobody would know which of them was uploaded.
CREATE UNIQUE INDEX entra_pending_certificate_organization_id_customer_id_key
  ON entra_pending_certificate (organization_id, customer_id);
ALTER TABLE entra_pending_certificate
  ADD CONSTRAINT entra_pending_certificate_public CHECK (certificate NOT LIKE '%PRIVATE KEY%'),
  ADD CONSTRAINT entra_pending_certificate_validity CHECK (ends_at > starts_at);

ALTER TABLE entra_pending_certificate ENABLE ROW LEVEL SECURITY;
ALTER TABLE entra_pending_certificate FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_isolation ON entra_pending_certificate TO curfew_app, curfew_keys
  USING (organization_id = (SELECT current_organization()))
  WITH CHECK (organization_id = (SELECT current_organization()));
-- Made, activated or thrown away: never changed.
GRANT SELECT, INSERT, DELETE ON entra_pending_certificate TO curfew_app;
GRANT SELECT (organization_id, id, sealed_credential), UPDATE (sealed_credential)
  ON entra_pending_certificate TO curfew_keys;

ALTER TABLE entra_revoker_credential DROP CONSTRAINT entra_revoker_credential_kind;
ALTER TABLE entra_revoker_credential ADD CONSTRAINT entra_revoker_credential_kind
  CHECK (credential_kind IN ('secret', 'certificate', 'federated'));
