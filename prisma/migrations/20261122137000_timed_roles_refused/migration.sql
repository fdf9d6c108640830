-- What a tenant's Privileged Identity Management refused to give for a time, each with the instant (epoch milliseconds) until
-- which it is not asked again. Learned by the workers while they give, so the revoker has no right to write it.

ALTER TABLE entra_connection ADD COLUMN timed_roles_refused jsonb NOT NULL DEFAULT '{}';
ALTER TABLE entra_connection ADD CONSTRAINT entra_connection_timed_roles_refused CHECK (
  jsonb_typeof(timed_roles_refused) = 'object');
