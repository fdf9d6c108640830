-- What was taken away by what Graph answered, and not read back in time, is the revoker's too: it must find it without looking
-- at what is proven. The instants of the read-backs tell nothing of anybody.
CREATE INDEX managed_account_unread ON managed_account (((verification ->> 'nextAt')::bigint))
  WHERE verification IS NOT NULL;
GRANT SELECT (verification) ON managed_account TO curfew_clockwork;
