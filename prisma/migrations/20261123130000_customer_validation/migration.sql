-- What Validate found at a customer the last time: a line each, with verdict, finding and mend.

CREATE TABLE customer_validation (
  organization_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  connection_version integer NOT NULL,
  at timestamptz(3) NOT NULL,
  verdict text NOT NULL,
  lines jsonb NOT NULL,
  CONSTRAINT customer_validation_pkey PRIMARY KEY (organization_id, customer_id),
  CONSTRAINT customer_validation_verdict CHECK (verdict IN ('pass', 'warn', 'fail')),
  CONSTRAINT customer_validation_lines CHECK (jsonb_typeof(lines) = 'array' AND length(lines::text) <= 65536)
);
ALTER TABLE customer_validation ADD CONSTRAINT customer_validation_organization_id_customer_id_fkey
  FOREIGN KEY (organization_id, customer_id) REFERENCES customer(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;

ALTER TABLE customer_validation ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer_validation FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_isolation ON customer_validation TO curfew_app
  USING (organization_id = (SELECT current_organization()))
  WITH CHECK (organization_id = (SELECT current_organization()));
GRANT SELECT, INSERT, UPDATE ON customer_validation TO curfew_app;
