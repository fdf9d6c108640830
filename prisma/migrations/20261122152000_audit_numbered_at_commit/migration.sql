-- An organization's audit events are numbered one transaction after the other. That was done by a statement of its own before
-- the commit, so that everybody else waited for the answer's way to a busy process and the commit's way back. Now a transaction
-- leaves a note of what it did, and the server numbers it as the first act of the commit: the head is locked for no longer
-- than that takes.

-- Never outlives its transaction: nothing of it needs to survive a crash.
CREATE UNLOGGED TABLE audit_note (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  events jsonb NOT NULL,
  CONSTRAINT audit_note_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT audit_note_events CHECK (jsonb_typeof(events) = 'array' AND jsonb_array_length(events) > 0)
);

CREATE FUNCTION number_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  count bigint := jsonb_array_length(NEW.events);
  last bigint;
BEGIN
  INSERT INTO audit_head AS known (organization_id, sequence) VALUES (NEW.organization_id, count)
    ON CONFLICT (organization_id) DO UPDATE SET sequence = known.sequence + excluded.sequence
    RETURNING sequence INTO last;
  INSERT INTO audit_event (organization_id, sequence, at, actor, action, subject_kind, subject_id, customer_id, details)
  SELECT NEW.organization_id, last - count + e.place, e.at, e.actor, e.action, e.subject_kind, e.subject_id, e.customer_id,
         e.details
    FROM ROWS FROM (
      jsonb_to_recordset(NEW.events) AS (
        at timestamptz, actor jsonb, action text, subject_kind text, subject_id text, customer_id uuid, details jsonb)
    ) WITH ORDINALITY AS e(at, actor, action, subject_kind, subject_id, customer_id, details, place);
  DELETE FROM audit_note WHERE organization_id = NEW.organization_id AND id = NEW.id;
  RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER audit_note_is_numbered AFTER INSERT ON audit_note
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION number_audit_events();

ALTER TABLE audit_note ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_note FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_isolation ON audit_note TO curfew_app, curfew_revoker
  USING (organization_id = (SELECT current_organization()))
  WITH CHECK (organization_id = (SELECT current_organization()));
GRANT SELECT, INSERT, DELETE ON audit_note TO curfew_app, curfew_revoker;
