-- One organization id leads every key and every index of every tenant table.

CREATE TABLE doorway_key (
  key text NOT NULL,
  organization_id uuid NOT NULL,
  CONSTRAINT doorway_key_pkey PRIMARY KEY (key)
);

CREATE TABLE organization (
  id uuid NOT NULL,
  slug text NOT NULL,
  name text NOT NULL,
  name_prefix text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT organization_pkey PRIMARY KEY (id)
);

CREATE TABLE technician (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  username text NOT NULL,
  display_name text NOT NULL,
  role text NOT NULL,
  state text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT technician_pkey PRIMARY KEY (organization_id,id)
);

CREATE TABLE api_token (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  technician_id uuid NOT NULL,
  role text NOT NULL,
  prefix text NOT NULL,
  digest text NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  revoked_at timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT api_token_pkey PRIMARY KEY (organization_id,id)
);

CREATE TABLE customer (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT customer_pkey PRIMARY KEY (organization_id,id)
);

CREATE TABLE customer_throttle (
  organization_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  workload text NOT NULL,
  until timestamptz(3) NOT NULL,
  reason text NOT NULL,
  CONSTRAINT customer_throttle_pkey PRIMARY KEY (organization_id,customer_id,workload)
);

CREATE TABLE entra_connection (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  cloud text NOT NULL,
  tenant_id text NOT NULL,
  client_id text NOT NULL,
  credential_kind text NOT NULL,
  sealed_credential text NOT NULL,
  domain text NOT NULL,
  capabilities jsonb NOT NULL,
  checked_at timestamptz(3) NOT NULL,
  version integer NOT NULL,
  CONSTRAINT entra_connection_pkey PRIMARY KEY (organization_id,id)
);

CREATE TABLE access_policy (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  customer_id uuid,
  name text NOT NULL,
  gives jsonb NOT NULL,
  credential text NOT NULL,
  end_action text NOT NULL,
  default_duration_seconds integer NOT NULL,
  maximum_duration_seconds integer NOT NULL,
  reason text NOT NULL,
  ticket text NOT NULL,
  state text NOT NULL,
  version integer NOT NULL,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT access_policy_pkey PRIMARY KEY (organization_id,id)
);

CREATE TABLE access_request (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  technician_id uuid NOT NULL,
  policy_id uuid NOT NULL,
  policy_version integer NOT NULL,
  duration_seconds integer NOT NULL,
  starts_at timestamptz(3),
  reason text,
  ticket text,
  state text NOT NULL,
  grant_id uuid,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT access_request_pkey PRIMARY KEY (organization_id,id)
);

CREATE TABLE access_grant (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  technician_id uuid NOT NULL,
  account_id uuid NOT NULL,
  request_id uuid NOT NULL,
  policy_id uuid NOT NULL,
  approved jsonb NOT NULL,
  credential text NOT NULL,
  end_action text NOT NULL,
  starts_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  latest_expires_at timestamptz(3) NOT NULL,
  state text NOT NULL,
  end_reason text,
  failure jsonb,
  active_at timestamptz(3),
  ending_at timestamptz(3),
  taken_at timestamptz(3),
  ended_at timestamptz(3),
  proofs jsonb NOT NULL,
  reveals integer NOT NULL,
  version integer NOT NULL,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT access_grant_pkey PRIMARY KEY (organization_id,id)
);

CREATE TABLE managed_account (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  technician_id uuid,
  kind text NOT NULL,
  upn text NOT NULL,
  display_name text NOT NULL,
  marker text NOT NULL,
  object_id text,
  may_hold jsonb NOT NULL,
  pristine boolean NOT NULL,
  sealed_password text,
  sealed_password_state text,
  sealed_password_generation integer,
  password_generation integer NOT NULL,
  verification jsonb,
  failure jsonb,
  due_at timestamptz(3),
  take_at timestamptz(3),
  version integer NOT NULL,
  epoch integer NOT NULL,
  claimed_until timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT managed_account_pkey PRIMARY KEY (organization_id,id)
);

CREATE TABLE audit_head (
  organization_id uuid NOT NULL,
  sequence bigint NOT NULL,
  CONSTRAINT audit_head_pkey PRIMARY KEY (organization_id)
);

CREATE TABLE audit_event (
  organization_id uuid NOT NULL,
  sequence bigint NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  at timestamptz(3) NOT NULL,
  actor jsonb NOT NULL,
  action text NOT NULL,
  subject_kind text NOT NULL,
  subject_id text NOT NULL,
  customer_id uuid,
  details jsonb NOT NULL,
  CONSTRAINT audit_event_pkey PRIMARY KEY (organization_id,sequence)
);

CREATE TABLE idempotency_key (
  organization_id uuid NOT NULL,
  actor_id text NOT NULL,
  key text NOT NULL,
  operation text NOT NULL,
  body_digest text NOT NULL,
  resource_id text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT idempotency_key_pkey PRIMARY KEY (organization_id,actor_id,key)
);
CREATE INDEX doorway_key_organization_id_idx ON doorway_key(organization_id);
CREATE UNIQUE INDEX technician_organization_id_username_key ON technician(organization_id, username);
CREATE INDEX api_token_organization_id_technician_id_idx ON api_token(organization_id, technician_id);
CREATE UNIQUE INDEX api_token_organization_id_digest_key ON api_token(organization_id, digest);
CREATE UNIQUE INDEX entra_connection_organization_id_customer_id_key ON entra_connection(organization_id, customer_id);
CREATE INDEX access_policy_organization_id_customer_id_id_idx ON access_policy(organization_id, customer_id, id);
CREATE INDEX access_request_organization_id_technician_id_id_idx ON access_request(organization_id, technician_id, id);
CREATE INDEX access_request_organization_id_customer_id_id_idx ON access_request(organization_id, customer_id, id);
CREATE INDEX access_request_organization_id_policy_id_idx ON access_request(organization_id, policy_id);
CREATE UNIQUE INDEX access_request_organization_id_grant_id_key ON access_request(organization_id, grant_id);
CREATE INDEX access_grant_organization_id_technician_id_id_idx ON access_grant(organization_id, technician_id, id);
CREATE INDEX access_grant_organization_id_customer_id_id_idx ON access_grant(organization_id, customer_id, id);
CREATE INDEX access_grant_organization_id_account_id_idx ON access_grant(organization_id, account_id);
CREATE INDEX access_grant_organization_id_request_id_idx ON access_grant(organization_id, request_id);
CREATE INDEX access_grant_organization_id_policy_id_idx ON access_grant(organization_id, policy_id);
CREATE INDEX managed_account_organization_id_technician_id_idx ON managed_account(organization_id, technician_id);
CREATE INDEX managed_account_customer_due ON managed_account(organization_id, customer_id, due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX managed_account_due ON managed_account(due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX managed_account_take ON managed_account(take_at) WHERE (take_at IS NOT NULL);
CREATE UNIQUE INDEX managed_account_organization_id_customer_id_upn_key ON managed_account(organization_id, customer_id, upn);
CREATE UNIQUE INDEX managed_account_one_jit ON managed_account(organization_id, customer_id, technician_id) WHERE (kind = 'jit');

ALTER TABLE doorway_key ADD CONSTRAINT doorway_key_organization_id_fkey
  FOREIGN KEY (organization_id) REFERENCES organization(id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE technician ADD CONSTRAINT technician_organization_id_fkey
  FOREIGN KEY (organization_id) REFERENCES organization(id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE api_token ADD CONSTRAINT api_token_organization_id_technician_id_fkey
  FOREIGN KEY (organization_id, technician_id) REFERENCES technician(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE customer ADD CONSTRAINT customer_organization_id_fkey
  FOREIGN KEY (organization_id) REFERENCES organization(id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE customer_throttle ADD CONSTRAINT customer_throttle_organization_id_customer_id_fkey
  FOREIGN KEY (organization_id, customer_id) REFERENCES customer(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE entra_connection ADD CONSTRAINT entra_connection_organization_id_customer_id_fkey
  FOREIGN KEY (organization_id, customer_id) REFERENCES customer(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE access_policy ADD CONSTRAINT access_policy_organization_id_fkey
  FOREIGN KEY (organization_id) REFERENCES organization(id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE access_policy ADD CONSTRAINT access_policy_organization_id_customer_id_fkey
  FOREIGN KEY (organization_id, customer_id) REFERENCES customer(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE access_request ADD CONSTRAINT access_request_organization_id_customer_id_fkey
  FOREIGN KEY (organization_id, customer_id) REFERENCES customer(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE access_request ADD CONSTRAINT access_request_organization_id_technician_id_fkey
  FOREIGN KEY (organization_id, technician_id) REFERENCES technician(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE access_request ADD CONSTRAINT access_request_organization_id_policy_id_fkey
  FOREIGN KEY (organization_id, policy_id) REFERENCES access_policy(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE access_request ADD CONSTRAINT access_request_organization_id_grant_id_fkey
  FOREIGN KEY (organization_id, grant_id) REFERENCES access_grant(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE access_grant ADD CONSTRAINT access_grant_organization_id_customer_id_fkey
  FOREIGN KEY (organization_id, customer_id) REFERENCES customer(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE access_grant ADD CONSTRAINT access_grant_organization_id_technician_id_fkey
  FOREIGN KEY (organization_id, technician_id) REFERENCES technician(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE access_grant ADD CONSTRAINT access_grant_organization_id_account_id_fkey
  FOREIGN KEY (organization_id, account_id) REFERENCES managed_account(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE access_grant ADD CONSTRAINT access_grant_organization_id_request_id_fkey
  FOREIGN KEY (organization_id, request_id) REFERENCES access_request(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE access_grant ADD CONSTRAINT access_grant_organization_id_policy_id_fkey
  FOREIGN KEY (organization_id, policy_id) REFERENCES access_policy(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE managed_account ADD CONSTRAINT managed_account_organization_id_customer_id_fkey
  FOREIGN KEY (organization_id, customer_id) REFERENCES customer(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE managed_account ADD CONSTRAINT managed_account_organization_id_technician_id_fkey
  FOREIGN KEY (organization_id, technician_id) REFERENCES technician(organization_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE audit_head ADD CONSTRAINT audit_head_organization_id_fkey
  FOREIGN KEY (organization_id) REFERENCES organization(id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE audit_event ADD CONSTRAINT audit_event_organization_id_fkey
  FOREIGN KEY (organization_id) REFERENCES organization(id) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE idempotency_key ADD CONSTRAINT idempotency_key_organization_id_fkey
  FOREIGN KEY (organization_id) REFERENCES organization(id) ON DELETE RESTRICT ON UPDATE RESTRICT;
