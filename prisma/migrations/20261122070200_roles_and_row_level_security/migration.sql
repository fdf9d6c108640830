-- The second wall between organizations, and who may do what. Nobody logs in as these roles: login roles are made members
-- of them, and only the owner of the tables (who runs migrations) is none.

DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['curfew_app', 'curfew_clockwork', 'curfew_queue'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL; -- Roles belong to the whole server: another database's migration made it at the same moment.
    END;
  END LOOP;
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO curfew_app, curfew_clockwork;

-- Row-level security, forced so that it binds the owner of the tables too. The setting is local to a transaction; without
-- it, or once it has been reset to the empty string, no row is visible and none can be written.
CREATE FUNCTION current_organization() RETURNS uuid LANGUAGE sql STABLE
  RETURN NULLIF(current_setting('app.org_id', true), '')::uuid;

DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY[
    'technician', 'api_token', 'customer', 'customer_throttle', 'entra_connection', 'access_policy', 'access_request',
    'access_grant', 'managed_account', 'audit_head', 'audit_event', 'idempotency_key'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY organization_isolation ON %I TO curfew_app '
      'USING (organization_id = (SELECT current_organization())) '
      'WITH CHECK (organization_id = (SELECT current_organization()))',
      tenant_table);
  END LOOP;
END
$$;

ALTER TABLE organization ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_isolation ON organization TO curfew_app
  USING (id = (SELECT current_organization()))
  WITH CHECK (id = (SELECT current_organization()));

-- The doorway: the look-up that happens before an organization is known. A row is visible to whoever names its key, and to
-- nobody else, so tokens and slugs can't be listed; it holds an organization's id and nothing more. It is also what makes
-- slugs unique in the whole deployment, which no index led by the organization could.
ALTER TABLE doorway_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE doorway_key FORCE ROW LEVEL SECURITY;
CREATE POLICY named_key ON doorway_key FOR SELECT TO curfew_app
  USING (key = (SELECT NULLIF(current_setting('app.doorway_key', true), '')));
CREATE POLICY organization_isolation ON doorway_key FOR INSERT TO curfew_app
  WITH CHECK (organization_id = (SELECT current_organization()));

-- What the program may do inside an organization. It deletes nothing.
GRANT SELECT, INSERT ON doorway_key, organization, technician, customer, audit_event, idempotency_key TO curfew_app;
GRANT SELECT, INSERT, UPDATE ON
  customer_throttle, entra_connection, access_policy, access_grant, managed_account, audit_head TO curfew_app;
GRANT SELECT, INSERT, UPDATE (revoked_at) ON api_token TO curfew_app;
GRANT SELECT, INSERT, UPDATE (state) ON access_request TO curfew_app;

-- What sweeps may do across organizations: ids and clockwork, column by column.
GRANT SELECT (organization_id, id, customer_id, due_at, take_at, epoch, claimed_until),
  UPDATE (epoch, claimed_until) ON managed_account TO curfew_clockwork;
GRANT SELECT (organization_id, id) ON customer TO curfew_clockwork;
GRANT SELECT (organization_id, customer_id, workload, until) ON customer_throttle TO curfew_clockwork;

CREATE POLICY clockwork_reads ON managed_account FOR SELECT TO curfew_clockwork USING (true);
CREATE POLICY clockwork_claims ON managed_account FOR UPDATE TO curfew_clockwork USING (true) WITH CHECK (true);
CREATE POLICY clockwork_reads ON customer FOR SELECT TO curfew_clockwork USING (true);
CREATE POLICY clockwork_reads ON customer_throttle FOR SELECT TO curfew_clockwork USING (true);
