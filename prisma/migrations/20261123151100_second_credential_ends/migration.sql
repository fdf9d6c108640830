-- The revoker's own credential ends, too: alarms and health tell of it as of the first. Null: nobody knows.
ALTER TABLE entra_revoker_credential ADD COLUMN credential_ends_at timestamptz(3);
GRANT SELECT (credential_ends_at) ON entra_revoker_credential TO curfew_app;
GRANT SELECT (organization_id, customer_id, credential_ends_at) ON entra_revoker_credential TO curfew_clockwork;
CREATE POLICY clockwork_reads ON entra_revoker_credential FOR SELECT TO curfew_clockwork USING (true);
