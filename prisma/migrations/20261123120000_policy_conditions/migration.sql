-- What a ticket must look like, and the hours in which a policy may be used. Rows from before have neither.

ALTER TABLE access_policy
  ADD COLUMN ticket_patterns text[] NOT NULL DEFAULT '{}',
  ADD COLUMN allowed_hours jsonb;
ALTER TABLE access_policy
  ADD CONSTRAINT access_policy_ticket_patterns CHECK (
    cardinality(ticket_patterns) = 0
    OR (ticket <> 'off' AND cardinality(ticket_patterns) <= 10 AND array_position(ticket_patterns, NULL) IS NULL)),
  ADD CONSTRAINT access_policy_allowed_hours CHECK (
    allowed_hours IS NULL
    OR (jsonb_typeof(allowed_hours) = 'object'
        AND coalesce(jsonb_typeof(allowed_hours -> 'timeZone'), '') = 'string'
        AND coalesce(jsonb_typeof(allowed_hours -> 'windows'), '') = 'array'
        AND allowed_hours -> 'windows' <> '[]'::jsonb));

-- A grant that was to begin when its policy can no longer be used never begins.
ALTER TABLE access_grant
  DROP CONSTRAINT access_grant_forbidden,
  ADD CONSTRAINT access_grant_forbidden CHECK (
    forbidden IN (
      'technician_left', 'technician_suspended', 'not_entitled', 'policy_removed', 'outside_hours', 'customer_removed',
      'connection_removed')),
  DROP CONSTRAINT access_grant_end_reason,
  ADD CONSTRAINT access_grant_end_reason CHECK (
    end_reason IN (
      'expired', 'ended_by_technician', 'ended_by_admin', 'policy_removed', 'outside_hours', 'failed', 'stopped_in_entra',
      'killed', 'restored', 'technician_left', 'technician_suspended', 'not_entitled', 'customer_removed',
      'connection_removed'));
