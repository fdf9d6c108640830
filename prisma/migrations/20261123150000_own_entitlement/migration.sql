-- What an account is entitled to without a grant: that of a canary, by which is proven that Curfew can take back what it gives. It
-- is an intent, as a grant is: whoever only takes away reads it and writes it never.
ALTER TABLE managed_account ADD COLUMN own_entitlement jsonb;

-- A canary is entitled to something, is deleted, and never lasts longer than five minutes: whatever breaks, the database says so too.
ALTER TABLE managed_account
  ADD CONSTRAINT managed_account_own_entitlement CHECK (
    own_entitlement IS NULL OR coalesce(
      jsonb_typeof(own_entitlement->'expiresAt') = 'number' AND jsonb_typeof(own_entitlement->'startsAt') = 'number'
      AND length(own_entitlement::text) <= 16384, false)) NOT VALID,
  ADD CONSTRAINT managed_account_canary CHECK (
    kind <> 'canary' OR coalesce(
      technician_id IS NULL AND own_entitlement->>'endAction' = 'delete'
      AND (own_entitlement->>'startsAt')::numeric >= floor(extract(epoch FROM created_at) * 1000)
      AND (own_entitlement->>'expiresAt')::numeric <= floor(extract(epoch FROM created_at) * 1000) + 300000, false)) NOT VALID;
ALTER TABLE managed_account VALIDATE CONSTRAINT managed_account_own_entitlement;
ALTER TABLE managed_account VALIDATE CONSTRAINT managed_account_canary;
