-- The revoker's own role: what taking access away needs inside an organization, and nothing else. It makes no grant, no
-- account and no token, and reads none of the tables of people.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'curfew_revoker') THEN
    CREATE ROLE curfew_revoker NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- Roles belong to the whole server: another database's migration made it at the same moment.
END
$$;

GRANT USAGE ON SCHEMA public TO curfew_revoker;
GRANT EXECUTE ON FUNCTION current_organization() TO curfew_revoker;

DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY[
    'customer', 'customer_throttle', 'entra_connection', 'access_policy', 'access_grant', 'managed_account',
    'audit_head', 'audit_event'
  ] LOOP
    EXECUTE format('ALTER POLICY organization_isolation ON %I TO curfew_app, curfew_revoker', tenant_table);
  END LOOP;
END
$$;

GRANT SELECT ON customer, entra_connection, access_policy TO curfew_revoker;
GRANT SELECT, UPDATE ON access_grant, managed_account TO curfew_revoker;
GRANT SELECT, INSERT, UPDATE ON customer_throttle, audit_head TO curfew_revoker;
GRANT SELECT, INSERT ON audit_event TO curfew_revoker;
