-- Of an expression that is hardly ever there PostgreSQL guesses that a third of all rows have it, and sets out with several
-- processes to read them; of the column that was derived from it already it knows better. Nor can an odd row stop the column.
CREATE INDEX managed_account_read_back ON managed_account (read_back_at) WHERE read_back_at IS NOT NULL;
DROP INDEX managed_account_unread;
-- The right to read `verification` stays for now: a revoker of the version before goes on while this is applied.
