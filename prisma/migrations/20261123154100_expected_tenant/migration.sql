-- What was announced of a customer's tenant when the customer was imported, before anything is connected.

ALTER TABLE customer
  ADD COLUMN expected_cloud text,
  ADD COLUMN expected_tenant_id text,
  ADD COLUMN expected_domain text,
  ADD CONSTRAINT customer_expected_cloud CHECK (expected_cloud IN ('global', 'us-government', 'china', 'custom')),
  ADD CONSTRAINT customer_expected CHECK (
    expected_cloud IS NOT NULL OR (expected_tenant_id IS NULL AND expected_domain IS NULL));
