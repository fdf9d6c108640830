-- Validate for many customers at once: a run with a line for each of them, which workers claim one by one.

CREATE TABLE validation_run (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  state text NOT NULL,
  actor jsonb NOT NULL,
  begun_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  CONSTRAINT validation_run_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT validation_run_state CHECK (state IN ('running', 'done', 'cancelled')),
  CONSTRAINT validation_run_end CHECK ((state = 'running') = (ended_at IS NULL))
);
-- One at a time: a second one would ask every tenant twice.
CREATE UNIQUE INDEX validation_run_one_running ON validation_run (organization_id) WHERE state = 'running';

CREATE TABLE validation_line (
  organization_id uuid NOT NULL,
  run_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  state text NOT NULL,
  epoch integer NOT NULL DEFAULT 0,
  claimed_until timestamptz(3),
  ended_at timestamptz(3),
  why jsonb,
  CONSTRAINT validation_line_pkey PRIMARY KEY (organization_id, run_id, customer_id),
  CONSTRAINT validation_line_state CHECK (state IN ('waiting', 'pass', 'warn', 'fail', 'could_not', 'cancelled')),
  CONSTRAINT validation_line_end CHECK ((state = 'waiting') = (ended_at IS NULL)),
  CONSTRAINT validation_line_why CHECK ((state = 'could_not') = (why IS NOT NULL))
);
CREATE INDEX validation_line_organization_id_customer_id_idx ON validation_line (organization_id, customer_id);
-- What sweeps look through, and empty but while a run is under way.
CREATE INDEX validation_line_waiting ON validation_line (organization_id, run_id, customer_id) WHERE state = 'waiting';

ALTER TABLE validation_run
  ADD CONSTRAINT validation_run_organization_id_fkey FOREIGN KEY (organization_id)
    REFERENCES organization (id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE validation_line
  ADD CONSTRAINT validation_line_organization_id_run_id_fkey FOREIGN KEY (organization_id, run_id)
    REFERENCES validation_run (organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT validation_line_organization_id_customer_id_fkey FOREIGN KEY (organization_id, customer_id)
    REFERENCES customer (organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;

ALTER TABLE validation_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE validation_run FORCE ROW LEVEL SECURITY;
ALTER TABLE validation_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE validation_line FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_isolation ON validation_run TO curfew_app
  USING (organization_id = (SELECT current_organization()))
  WITH CHECK (organization_id = (SELECT current_organization()));
CREATE POLICY organization_isolation ON validation_line TO curfew_app
  USING (organization_id = (SELECT current_organization()))
  WITH CHECK (organization_id = (SELECT current_organization()));
CREATE POLICY clockwork_reads ON validation_line FOR SELECT TO curfew_clockwork USING (true);
CREATE POLICY clockwork_claims ON validation_line FOR UPDATE TO curfew_clockwork USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE (state, ended_at) ON validation_run TO curfew_app;
GRANT SELECT, INSERT, UPDATE (state, claimed_until, ended_at, why) ON validation_line TO curfew_app;
GRANT SELECT (organization_id, run_id, customer_id, state, epoch, claimed_until),
  UPDATE (epoch, claimed_until) ON validation_line TO curfew_clockwork;
