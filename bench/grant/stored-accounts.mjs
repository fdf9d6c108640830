// Parked accounts by the thousand, as years of grants leave them: disabled, bare, proven, never due again by themselves.

const ORGANIZATIONS = 10;
const CUSTOMERS = 50;
/** Running grants, the same number whatever is stored besides: due within the next hours. */
const RUNNING = 1_000;

const PARKED = {
  object: 'held',
  enabled: null,
  roles: {},
  groups: {},
  pass: null,
  password: null,
  sessions: false,
  methods: false,
};

/** @param {import('pg').Client} client a superuser's, in a database that was just prepared */
export const storeAccounts = async (client, accounts) => {
  const technicians = accounts / (ORGANIZATIONS * CUSTOMERS);
  // What refers to what was made so: looking each up again would take longer than all the rest.
  await client.query('SET session_replication_role = replica');
  const history = [policies, requests, grants];
  for (const statement of [
    organizations,
    customers,
    people(technicians),
    parked(technicians),
    ...history,
    running,
  ]) {
    await client.query(statement);
  }
  await client.query('RESET session_replication_role');
  // As autovacuum would have left it.
  await client.query('VACUUM (ANALYZE)');
  await client.query('CHECKPOINT');
};

/** Ids that follow from what they are of, so that the tables find each other. */
const id = (kind, ...numbers) => `md5(concat_ws('/', '${kind}', ${numbers.join(', ')}))::uuid`;

const organizations = `
  INSERT INTO organization (id, slug, name, name_prefix, created_at)
  SELECT ${id('organization', 'o')}, 'msp-' || o, 'MSP ' || o, 'jit-', now() FROM generate_series(1, ${ORGANIZATIONS}) o`;

const customers = `
  INSERT INTO customer (organization_id, id, name, created_at)
  SELECT ${id('organization', 'o')}, ${id('customer', 'o', 'c')}, 'Customer ' || c, now()
    FROM generate_series(1, ${ORGANIZATIONS}) o, generate_series(1, ${CUSTOMERS}) c`;

const people = (count) => `
  INSERT INTO technician (organization_id, id, username, display_name, role, state, created_at)
  SELECT ${id('organization', 'o')}, ${id('technician', 'o', 't')}, 'tech' || t, 'Technician ' || t, 'technician', 'active', now()
    FROM generate_series(1, ${ORGANIZATIONS}) o, generate_series(1, ${count}) t`;

/** In the order in which they came about: technicians come and go, customers stay. */
const parked = (technicians) => `
  INSERT INTO managed_account (organization_id, id, customer_id, technician_id, kind, upn, display_name, marker, object_id,
      may_hold, pristine, password_generation, version, epoch, created_at)
  SELECT ${id('organization', 'o')}, ${id('account', 'o', 'c', 't')}, ${id('customer', 'o', 'c')},
         ${id('technician', 'o', 't')}, 'jit', 'jit-tech' || t || '@customer' || c || '.example', 'Technician ' || t,
         encode(sha256(concat_ws('/', o, c, t)::bytea), 'base64'), ${id('object', 'o', 'c', 't')}::text,
         '${JSON.stringify(PARKED)}', false, 0, 7, 12, now() - t * interval '1 day'
    FROM generate_series(1, ${technicians}) t, generate_series(1, ${ORGANIZATIONS}) o, generate_series(1, ${CUSTOMERS}) c`;

const policies = `
  INSERT INTO access_policy (organization_id, id, name, gives, credential, end_action, default_duration_seconds,
      maximum_duration_seconds, reason, ticket, state, version, created_at)
  SELECT ${id('organization', 'o')}, ${id('policy', 'o')}, 'Policy', '{"roles": [], "groups": []}', 'pass', 'disable', 3600,
         3600, 'off', 'off', 'active', 1, now() FROM generate_series(1, ${ORGANIZATIONS}) o`;

/** Each account's last grant, long ended, and the request that it came of. */
const requests = `
  INSERT INTO access_request (organization_id, id, customer_id, technician_id, policy_id, policy_version, duration_seconds, state,
      grant_id, created_at)
  SELECT a.organization_id, md5('request/' || a.id)::uuid, a.customer_id, a.technician_id, p.id, 1, 3600, 'approved',
         md5('grant/' || a.id)::uuid, a.created_at
    FROM managed_account a JOIN access_policy p ON p.organization_id = a.organization_id`;

const grants = `
  INSERT INTO access_grant (organization_id, id, customer_id, technician_id, account_id, request_id, policy_id, approved,
      credential, end_action, starts_at, expires_at, latest_expires_at, state, end_reason, active_at, ending_at, taken_at,
      ended_at, proofs, reveals, version, created_at)
  SELECT r.organization_id, r.grant_id, r.customer_id, r.technician_id, a.id, r.id, r.policy_id, '{"roles": [], "groups": []}',
         'pass', 'disable', r.created_at, r.created_at + interval '1 hour', r.created_at + interval '1 hour', 'ended', 'expired',
         r.created_at, r.created_at + interval '1 hour', r.created_at + interval '1 hour', r.created_at + interval '2 hours',
         '[{}]', 1, 9, r.created_at
    FROM managed_account a JOIN access_request r
      ON r.organization_id = a.organization_id AND r.id = md5('request/' || a.id)::uuid`;

const running = `
  UPDATE managed_account a SET due_at = now() + interval '1 hour' * (1 + soon.place % 7), take_at = now() + interval '8 hours'
    FROM (SELECT organization_id, id, row_number() OVER (ORDER BY id) AS place
            FROM managed_account ORDER BY id LIMIT ${RUNNING}) soon
   WHERE a.organization_id = soon.organization_id AND a.id = soon.id`;
