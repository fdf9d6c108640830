-- The column becomes a plain one, which whoever records a reading writes together with `drift`: a generated one can't be changed
-- without rewriting the table while every claim and look stands still. What it says is kept, and nothing is rewritten here.
-- 20261122143000_enabled_again was for some hours published with this done in it already: there nothing is left to do.
ALTER TABLE managed_account ALTER COLUMN enabled_again_at DROP EXPRESSION IF EXISTS;

GRANT UPDATE (enabled_again_at) ON managed_account TO curfew_revoker;
