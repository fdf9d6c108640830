-- Sealing anew what stands under an older key, by a role that can do that and nothing else; and which process works with which
-- keys, so that none seals with a key that another can't open yet.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'curfew_keys') THEN
    CREATE ROLE curfew_keys NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- Roles belong to the whole server: another database's migration made it at the same moment.
END
$$;

GRANT USAGE ON SCHEMA public TO curfew_keys;
GRANT EXECUTE ON FUNCTION current_organization() TO curfew_keys;

-- Inside one organization, as everybody: what names the place of a sealed value, and the value. Nobody else may read all three.
ALTER POLICY organization_isolation ON entra_connection TO curfew_app, curfew_revoker, curfew_keys;
ALTER POLICY organization_isolation ON entra_revoker_credential TO curfew_app, curfew_revoker, curfew_keys;
ALTER POLICY organization_isolation ON managed_account TO curfew_app, curfew_revoker, curfew_keys;
GRANT SELECT (organization_id, id, version, sealed_credential), UPDATE (sealed_credential)
  ON entra_connection TO curfew_keys;
GRANT SELECT (organization_id, customer_id, version, sealed_credential), UPDATE (sealed_credential)
  ON entra_revoker_credential TO curfew_keys;
GRANT SELECT (organization_id, id, sealed_password, sealed_password_generation), UPDATE (sealed_password)
  ON managed_account TO curfew_keys;

-- What each process said last of the keys in its memory. Ids alone: no key is ever in the database.
CREATE TABLE key_holder (
  instance TEXT           NOT NULL,
  sealing  TEXT           NOT NULL,
  readable TEXT[]         NOT NULL,
  at       TIMESTAMPTZ(3) NOT NULL,

  CONSTRAINT key_holder_pkey PRIMARY KEY (instance),
  CONSTRAINT key_holder_instance CHECK (length(instance) BETWEEN 1 AND 64),
  CONSTRAINT key_holder_keys CHECK (length(sealing) BETWEEN 1 AND 32 AND cardinality(readable) BETWEEN 1 AND 100)
);
ALTER TABLE key_holder SET (fillfactor = 50);
ALTER TABLE key_holder ENABLE ROW LEVEL SECURITY;
ALTER TABLE key_holder FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_deployment ON key_holder TO curfew_clockwork USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON key_holder TO curfew_clockwork;
