-- What must hold whatever the program does: the database repeats the invariants of the core.

-- A request names its grant and a grant its request; both are written in one transaction, in either order.
ALTER TABLE access_request
  ALTER CONSTRAINT access_request_organization_id_grant_id_fkey DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE access_grant
  ALTER CONSTRAINT access_grant_organization_id_request_id_fkey DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE technician
  ADD CONSTRAINT technician_role CHECK (role IN ('owner', 'admin', 'approver', 'technician', 'auditor')),
  ADD CONSTRAINT technician_state CHECK (state IN ('active', 'suspended'));

ALTER TABLE api_token
  ADD CONSTRAINT api_token_role CHECK (role IN ('owner', 'admin', 'approver', 'technician', 'auditor'));

ALTER TABLE customer_throttle
  ADD CONSTRAINT customer_throttle_workload CHECK (
    workload IN ('directory', 'pim', 'authentication-methods', 'policies', 'reports', 'sign-in'));

ALTER TABLE entra_connection
  ADD CONSTRAINT entra_connection_cloud CHECK (cloud IN ('global', 'us-government', 'china', 'custom')),
  ADD CONSTRAINT entra_connection_credential_kind CHECK (credential_kind IN ('secret', 'certificate')),
  ADD CONSTRAINT entra_connection_version CHECK (version > 0);

ALTER TABLE access_policy
  ADD CONSTRAINT access_policy_credential CHECK (credential IN ('pass', 'password', 'both')),
  ADD CONSTRAINT access_policy_end_action CHECK (end_action IN ('disable', 'delete')),
  ADD CONSTRAINT access_policy_durations CHECK (
    default_duration_seconds > 0 AND default_duration_seconds <= maximum_duration_seconds),
  ADD CONSTRAINT access_policy_fields CHECK (
    reason IN ('off', 'optional', 'required') AND ticket IN ('off', 'optional', 'required')),
  ADD CONSTRAINT access_policy_state CHECK (state IN ('active', 'archived'));

ALTER TABLE access_request
  ADD CONSTRAINT access_request_duration CHECK (duration_seconds > 0),
  ADD CONSTRAINT access_request_state CHECK (
    state IN ('requested', 'approved', 'denied', 'cancelled', 'stale'));

ALTER TABLE access_grant
  ADD CONSTRAINT access_grant_credential CHECK (credential IN ('pass', 'password', 'both')),
  ADD CONSTRAINT access_grant_end_action CHECK (end_action IN ('disable', 'delete')),
  ADD CONSTRAINT access_grant_times CHECK (expires_at > starts_at AND expires_at <= latest_expires_at),
  ADD CONSTRAINT access_grant_state CHECK (
    state IN ('scheduled', 'starting', 'active', 'failed', 'ending', 'ended')),
  ADD CONSTRAINT access_grant_end_reason CHECK (
    end_reason IN ('expired', 'ended_by_technician', 'ended_by_admin', 'policy_removed', 'failed')),
  -- A closed grant has the evidence with it.
  ADD CONSTRAINT access_grant_evidence CHECK (
    state <> 'ended'
    OR (ended_at IS NOT NULL AND taken_at IS NOT NULL AND jsonb_array_length(proofs) > 0));

ALTER TABLE managed_account
  ADD CONSTRAINT managed_account_kind CHECK (kind IN ('jit', 'laps', 'canary')),
  ADD CONSTRAINT managed_account_owner CHECK (kind <> 'jit' OR technician_id IS NOT NULL),
  ADD CONSTRAINT managed_account_password CHECK (
    num_nulls(sealed_password, sealed_password_state, sealed_password_generation) IN (0, 3)
    AND sealed_password_state IN ('pending', 'set')),
  -- An end that is owed has a wake-up: it can't be forgotten by setting only one of the two.
  ADD CONSTRAINT managed_account_owed_end_is_due CHECK (take_at IS NULL OR due_at IS NOT NULL);

-- A claim changes two unindexed columns of the row and nothing else: with room in the page it touches no index.
ALTER TABLE managed_account SET (fillfactor = 80);

ALTER TABLE audit_event
  ADD CONSTRAINT audit_event_sequence CHECK (sequence > 0),
  ADD CONSTRAINT audit_event_details CHECK (jsonb_typeof(details) = 'object');

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER audit_event_is_append_only BEFORE UPDATE OR DELETE ON audit_event
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_event_is_not_emptied BEFORE TRUNCATE ON audit_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_head_only_grows BEFORE UPDATE ON audit_head
  FOR EACH ROW WHEN (NEW.sequence <= OLD.sequence) EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_head_is_not_emptied BEFORE TRUNCATE ON audit_head
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
