-- A connection may be vouched for by the deployment's workload identity: then an empty credential is sealed.

ALTER TABLE entra_connection
  DROP CONSTRAINT entra_connection_credential_kind,
  ADD CONSTRAINT entra_connection_credential_kind CHECK (
    credential_kind IN ('secret', 'certificate', 'federated'));
