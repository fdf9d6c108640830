-- When somebody enabled the account for at least the second time within a day, the last time: derived from the JSON beside it,
-- for those who may not read that.
ALTER TABLE managed_account
  ADD COLUMN enabled_again_at TIMESTAMPTZ(3) GENERATED ALWAYS AS (
    CASE WHEN jsonb_typeof(drift #> '{enabledAt,1}') = 'number' AND jsonb_typeof(drift #> '{enabledAt,-1}') = 'number'
         THEN to_timestamp((drift #>> '{enabledAt,-1}')::double precision / 1000) END) STORED;

CREATE INDEX managed_account_enabled_again ON managed_account (organization_id, customer_id)
  WHERE enabled_again_at IS NOT NULL;

GRANT SELECT (enabled_again_at) ON managed_account TO curfew_clockwork;
