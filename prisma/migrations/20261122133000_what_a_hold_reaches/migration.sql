-- Which accounts a kill switch found: so that it can be told of each of them, for ever, how far it is.

CREATE TABLE hold_account (
  organization_id uuid NOT NULL,
  hold_id uuid NOT NULL,
  account_id uuid NOT NULL,
  CONSTRAINT hold_account_pkey PRIMARY KEY (organization_id, hold_id, account_id)
);
CREATE INDEX hold_account_organization_id_account_id_idx ON hold_account (organization_id, account_id);
ALTER TABLE hold_account
  ADD CONSTRAINT hold_account_organization_id_hold_id_fkey FOREIGN KEY (organization_id, hold_id)
    REFERENCES hold (organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD CONSTRAINT hold_account_organization_id_account_id_fkey FOREIGN KEY (organization_id, account_id)
    REFERENCES managed_account (organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;

ALTER TABLE hold_account ENABLE ROW LEVEL SECURITY;
ALTER TABLE hold_account FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_isolation ON hold_account TO curfew_app
  USING (organization_id = (SELECT current_organization()))
  WITH CHECK (organization_id = (SELECT current_organization()));

-- What a hold has found is never changed or forgotten.
GRANT SELECT, INSERT ON hold_account TO curfew_app;
