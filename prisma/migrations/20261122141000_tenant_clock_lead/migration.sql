-- What counts for ends is no longer what one answer of Graph's says: the lead is what another answer has confirmed. What was known
-- before counted at once, and goes on counting until two answers say otherwise. Whoever doesn't know the column yet confirms nothing.
ALTER TABLE tenant_clock ADD COLUMN lead_ms integer NOT NULL DEFAULT 0;
UPDATE tenant_clock SET lead_ms = ahead_ms WHERE ahead_ms > 2000;
ALTER TABLE tenant_clock ADD CONSTRAINT tenant_clock_lead CHECK (lead_ms BETWEEN 0 AND 604800000);
