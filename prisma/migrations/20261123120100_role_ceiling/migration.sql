-- Which directory roles may be given at most in an organization; null: all of them.
ALTER TABLE organization
  ADD COLUMN role_ceiling jsonb,
  ADD COLUMN role_ceiling_version integer NOT NULL DEFAULT 1;
ALTER TABLE organization
  ADD CONSTRAINT organization_role_ceiling CHECK (role_ceiling IS NULL OR jsonb_typeof(role_ceiling) = 'array'),
  ADD CONSTRAINT organization_role_ceiling_version CHECK (role_ceiling_version > 0);
GRANT UPDATE (role_ceiling, role_ceiling_version) ON organization TO curfew_app;

-- Whoever takes away has to know what nothing gives any more.
GRANT SELECT (id, role_ceiling) ON organization TO curfew_revoker;
CREATE POLICY revoker_reads_role_ceiling ON organization FOR SELECT TO curfew_revoker
  USING (id = (SELECT current_organization()));

-- A process of the version before this one, still running beside the new ones, may switch tickets off without knowing of patterns: that
-- is refused at the API alone.
ALTER TABLE access_policy
  DROP CONSTRAINT access_policy_ticket_patterns,
  ADD CONSTRAINT access_policy_ticket_patterns CHECK (
    cardinality(ticket_patterns) <= 10 AND array_position(ticket_patterns, NULL) IS NULL);
