-- The revoker reaches what a hold has yet to reach, when whoever pulled the switch died right after and no worker lives. It
-- learns which accounts a hold concerns and that it has reached them, and neither why it was placed nor by whom.

GRANT SELECT (reached_at), UPDATE (reached_at) ON hold TO curfew_revoker;

ALTER POLICY organization_isolation ON hold_account TO curfew_app, curfew_revoker;
GRANT SELECT, INSERT ON hold_account TO curfew_revoker;
