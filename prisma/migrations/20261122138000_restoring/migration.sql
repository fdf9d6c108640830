-- Whether this database was restored from a backup, and how far each customer has been compared since. What was known of the
-- lost hours is kept in a file beside the key; here stands what came of comparing the two.

-- One row at the most, of the deployment and of no organization: made when a restoration is first noticed.
CREATE TABLE deployment (
  id              integer NOT NULL DEFAULT 1,
  -- Since when nothing is given; null: all is well.
  restoring_since timestamptz(3),
  -- Raised by each restoration that came to its end.
  generation      integer NOT NULL DEFAULT 0,
  -- What a file told of the database before it was restored; null: there was none.
  seen_generation integer,
  seen_mark       bigint,
  -- The highest audit sequences, added up, as they were found.
  found_mark      bigint,
  ended_at        timestamptz(3),
  CONSTRAINT deployment_pkey PRIMARY KEY (id),
  CONSTRAINT deployment_one_row CHECK (id = 1),
  CONSTRAINT deployment_marks CHECK ((seen_generation IS NULL) = (seen_mark IS NULL))
);
ALTER TABLE deployment ENABLE ROW LEVEL SECURITY;
ALTER TABLE deployment FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_deployment ON deployment FOR SELECT TO curfew_app, curfew_revoker, curfew_clockwork USING (true);
CREATE POLICY clockwork_begins ON deployment FOR INSERT TO curfew_clockwork WITH CHECK (true);
CREATE POLICY clockwork_writes ON deployment FOR UPDATE TO curfew_clockwork USING (true) WITH CHECK (true);
GRANT SELECT (id, restoring_since) ON deployment TO curfew_app, curfew_revoker;
GRANT SELECT (id, restoring_since, generation, seen_generation, seen_mark, found_mark, ended_at),
  INSERT (restoring_since, generation, seen_generation, seen_mark, found_mark),
  UPDATE (restoring_since, generation, seen_generation, seen_mark, found_mark, ended_at)
  ON deployment TO curfew_clockwork;

-- For which restoration a customer's tenant is read from the beginning, and for which that is done.
ALTER TABLE customer_drift
  ADD COLUMN reread_for timestamptz(3),
  ADD COLUMN whole_for timestamptz(3);
GRANT SELECT (reread_for, whole_for) ON customer_drift TO curfew_clockwork;

GRANT SELECT (organization_id, sequence) ON audit_head TO curfew_clockwork;
CREATE POLICY clockwork_reads ON audit_head FOR SELECT TO curfew_clockwork USING (true);
