-- Two revokers may keep the same end from memory; the audit log is told of it once.
ALTER POLICY organization_isolation ON idempotency_key TO curfew_app, curfew_revoker;
GRANT SELECT, INSERT ON idempotency_key TO curfew_revoker;
