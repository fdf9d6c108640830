-- Whoever takes the last of a grant away remembers that its account is to be deleted.
GRANT UPDATE (retirement) ON managed_account TO curfew_revoker;
