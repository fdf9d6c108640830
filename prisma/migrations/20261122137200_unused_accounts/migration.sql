-- After so many days without a grant a parked account is deleted from Entra; 0: never.
ALTER TABLE organization ADD COLUMN unused_account_days integer NOT NULL DEFAULT 90;
ALTER TABLE organization ADD CONSTRAINT organization_unused_account_days CHECK (unused_account_days BETWEEN 0 AND 3650);
GRANT UPDATE (unused_account_days) ON organization TO curfew_app;
