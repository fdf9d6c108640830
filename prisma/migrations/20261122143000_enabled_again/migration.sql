-- When somebody enabled the account for at least the second time within a day, the last time: what the JSON beside it says, for
-- those who may not read that. A plain column: a generated one would rewrite the table while every claim and look stands still.
ALTER TABLE managed_account ADD COLUMN enabled_again_at TIMESTAMPTZ(3);

-- Of the few rows that have it; whoever records a reading keeps it from here on.
UPDATE managed_account SET enabled_again_at = to_timestamp((drift #>> '{enabledAt,-1}')::double precision / 1000)
 WHERE jsonb_typeof(drift #> '{enabledAt,1}') = 'number' AND jsonb_typeof(drift #> '{enabledAt,-1}') = 'number';

CREATE INDEX managed_account_enabled_again ON managed_account (organization_id, customer_id)
  WHERE enabled_again_at IS NOT NULL;

GRANT SELECT (enabled_again_at) ON managed_account TO curfew_clockwork;
GRANT UPDATE (enabled_again_at) ON managed_account TO curfew_revoker;
