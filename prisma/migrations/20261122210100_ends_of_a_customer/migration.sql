-- What one customer owes is found without going through what all others owe in the same second.
CREATE INDEX managed_account_customer_take ON managed_account (organization_id, customer_id, take_at)
  WHERE take_at IS NOT NULL;
