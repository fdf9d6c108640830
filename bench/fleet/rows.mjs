// The rows of a fleet, written as a superuser: what the product would have written one grant after the other.

const HOUR_MS = 3_600_000;
const LATEST_MS = 24 * HOUR_MS;

/** @param {import('pg').Client} database */
export const insertFleet = async (database, { organizationId, policyId, technicians, customers, now }) => {
  const at = new Date(now).toISOString();
  const insert = (statement, rows) => database.query(statement, [JSON.stringify(rows), organizationId, at]);
  await insert(TECHNICIANS, technicians);
  await insert(
    CUSTOMERS,
    customers.map(({ id, name }) => ({ id, name })),
  );
  await insert(CONNECTIONS, customers.map(connectionRow));
  await insert(DRIFT, customers.map(driftRow));
  for (const some of batchesOf(customers, 100)) {
    const accounts = some.flatMap((customer) =>
      customer.accounts.map((account) => ({ ...account, customer })),
    );
    await insert(ACCOUNTS, accounts.map(accountRow));
    const rows = accounts.map((account) => ({ ...grantRow(account), policy_id: policyId }));
    await database.query('BEGIN');
    await insert(REQUESTS, rows);
    await insert(GRANTS, rows);
    await database.query('COMMIT');
  }
  await database.query('VACUUM (ANALYZE)');
};

const batchesOf = (items, size) =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));

/** All is as it was while the grants ran, and each ends at its own time. */
export const runAgain = async (database, { ends, assignments, role, now }) => {
  const rows = ends.map(({ account, grantId, objectId, expiresAt, looksAt }) => ({
    account,
    grant: grantId,
    expires_at: new Date(expiresAt).toISOString(),
    look_at: new Date(looksAt ?? expiresAt + HOUR_MS).toISOString(),
    may_hold: heldBy(role, assignments.get(objectId)),
  }));
  const at = new Date(now).toISOString();
  for (const some of batchesOf(rows, 2_000)) {
    await database.query('BEGIN');
    // The accounts first, as everybody does.
    await database.query(RUNNING_ACCOUNTS, [JSON.stringify(some)]);
    await database.query(RUNNING_GRANTS, [JSON.stringify(some), at]);
    await database.query('COMMIT');
  }
};

/** All accounts of an organization as their ends left them. */
export const parkAll = async (database, organizationId) => {
  await database.query('BEGIN');
  await database.query(PARKED_ACCOUNTS, [organizationId]);
  await database.query(ENDED_GRANTS, [organizationId]);
  await database.query('COMMIT');
};

const heldBy = (role, assignmentId) => ({
  object: 'held',
  enabled: 'held',
  roles: { [role]: { certainty: 'held', assignmentId: assignmentId ?? null } },
  groups: {},
  pass: null,
  password: 'maybe',
  sessions: true,
  methods: true,
});

const connectionRow = ({ id, connection, tenantId, clientId, sealed, domain }) => ({
  ...{ id: connection, customer_id: id, tenant_id: tenantId, client_id: clientId, sealed, domain },
});

/** Compared with their tenants every five minutes, one after the other. */
const driftRow = ({ id, tenantId }, place, { length }) => ({
  customer_id: id,
  tenant_id: tenantId,
  seconds: Math.round((300 * place) / length),
});

const accountRow = ({ id, technicianId, upn, displayName, marker, objectId, customer }) => ({
  ...{ id, customer_id: customer.id, technician_id: technicianId, upn, display_name: displayName },
  ...{ marker, object_id: objectId },
});

const grantRow = ({ id, technicianId, customer, grantId, requestId }) => ({
  ...{
    id: grantId,
    request_id: requestId,
    account_id: id,
    customer_id: customer.id,
    technician_id: technicianId,
  },
});

const TECHNICIANS = `
  INSERT INTO technician (organization_id, id, username, display_name, role, state, created_at)
  SELECT $2::uuid, r.id, r.username, r.display_name, 'technician', 'active', $3::timestamptz
    FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, username text, display_name text)`;

const CUSTOMERS = `
  INSERT INTO customer (organization_id, id, name, created_at)
  SELECT $2::uuid, r.id, r.name, $3::timestamptz FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, name text)`;

const CONNECTIONS = `
  INSERT INTO entra_connection (organization_id, id, customer_id, cloud, tenant_id, client_id, credential_kind,
    sealed_credential, domain, capabilities, checked_at, version)
  SELECT $2::uuid, r.id, r.customer_id, 'custom', r.tenant_id, r.client_id, 'secret', r.sealed, r.domain,
    '{"mayTouchRoleHolders": true, "pass": {"minimumMinutes": 60, "maximumMinutes": 480, "onceOnly": false}, "timedRoles": false}',
    $3::timestamptz, 1
    FROM jsonb_to_recordset($1::jsonb) AS r(
      id uuid, customer_id uuid, tenant_id text, client_id text, sealed text, domain text)`;

const DRIFT = `
  INSERT INTO customer_drift (organization_id, customer_id, tenant_id, due_at, compared_at)
  SELECT $2::uuid, r.customer_id, r.tenant_id, $3::timestamptz + make_interval(secs => r.seconds), $3::timestamptz
    FROM jsonb_to_recordset($1::jsonb) AS r(customer_id uuid, tenant_id text, seconds int)`;

const BARE =
  '{"object": "held", "enabled": null, "roles": {}, "groups": {}, "pass": null, "password": null, "sessions": false, "methods": false}';

const ACCOUNTS = `
  INSERT INTO managed_account (organization_id, id, customer_id, technician_id, kind, upn, display_name, marker, object_id,
    may_hold, pristine, password_generation, version, epoch, created_at)
  SELECT $2::uuid, r.id, r.customer_id, r.technician_id, 'jit', r.upn, r.display_name, r.marker, r.object_id,
    '${BARE}',
    false, 0, 1, 0, $3::timestamptz
    FROM jsonb_to_recordset($1::jsonb) AS r(
      id uuid, customer_id uuid, technician_id uuid, upn text, display_name text, marker text, object_id text)`;

const REQUESTS = `
  INSERT INTO access_request (organization_id, id, customer_id, technician_id, policy_id, policy_version, duration_seconds,
    state, grant_id, created_at)
  SELECT $2::uuid, r.request_id, r.customer_id, r.technician_id, r.policy_id, 1, 3600, 'approved', r.id, $3::timestamptz
    FROM jsonb_to_recordset($1::jsonb) AS r(
      id uuid, request_id uuid, customer_id uuid, technician_id uuid, policy_id uuid)`;

const GRANTS = `
  INSERT INTO access_grant (organization_id, id, customer_id, technician_id, account_id, request_id, policy_id, approved,
    credential, end_action, starts_at, expires_at, latest_expires_at, state, active_at, proofs, reveals, version, created_at)
  SELECT $2::uuid, r.id, r.customer_id, r.technician_id, r.account_id, r.request_id, r.policy_id,
    (SELECT p.gives FROM access_policy p WHERE p.organization_id = $2::uuid AND p.id = r.policy_id), 'pass', 'disable',
    $3::timestamptz, $3::timestamptz + interval '${LATEST_MS} ms', $3::timestamptz + interval '${LATEST_MS} ms',
    'active', $3::timestamptz, '[]', 0, 1, $3::timestamptz
    FROM jsonb_to_recordset($1::jsonb) AS r(
      id uuid, request_id uuid, account_id uuid, customer_id uuid, technician_id uuid, policy_id uuid)`;

/** A claim of before finds another epoch. Locked in the order of their ids, as everybody locks them. */
const RUNNING_ACCOUNTS = `
  WITH locked AS MATERIALIZED (
    SELECT a.id FROM managed_account a
     WHERE a.id IN (SELECT r.account FROM jsonb_to_recordset($1::jsonb) AS r(account uuid))
     ORDER BY a.id FOR NO KEY UPDATE OF a)
  UPDATE managed_account a SET may_hold = r.may_hold, pristine = false, verification = NULL, failure = NULL, drift = NULL,
    removal = NULL, due_at = r.expires_at, take_at = r.expires_at, look_at = r.look_at, epoch = a.epoch + 1,
    version = a.version + 1, claimed_until = NULL
    FROM locked
    JOIN jsonb_to_recordset($1::jsonb) AS r(account uuid, expires_at timestamptz, look_at timestamptz, may_hold jsonb)
      ON r.account = locked.id
   WHERE a.id = locked.id`;

const RUNNING_GRANTS = `
  UPDATE access_grant g SET state = 'active', starts_at = least(r.expires_at, $2::timestamptz) - interval '1 hour',
    expires_at = r.expires_at, latest_expires_at = r.expires_at + interval '1 day',
    active_at = least(r.expires_at, $2::timestamptz) - interval '1 hour', end_reason = NULL,
    failure = NULL, ending_at = NULL, taken_at = NULL, ended_at = NULL, proofs = '[]', version = g.version + 1
    FROM jsonb_to_recordset($1::jsonb) AS r("grant" uuid, expires_at timestamptz)
   WHERE g.id = r."grant"`;

const PARKED_ACCOUNTS = `
  UPDATE managed_account SET may_hold = '${BARE}', pristine = false, verification = NULL, failure = NULL, drift = NULL,
    removal = NULL, due_at = NULL, take_at = NULL, look_at = NULL, epoch = epoch + 1, version = version + 1, claimed_until = NULL
   WHERE organization_id = $1::uuid`;

const PROOF =
  '[{"readAt": 0, "graphAt": 0, "enabled": false, "objectFound": true, "roles": [], "groups": [], "methods": []}]';

const ENDED_GRANTS = `
  UPDATE access_grant SET state = 'ended', starts_at = now() - interval '2 hours', expires_at = now() - interval '1 hour',
    active_at = now() - interval '2 hours', end_reason = 'expired', ending_at = now() - interval '1 hour',
    taken_at = now() - interval '1 hour', ended_at = now() - interval '1 hour', proofs = '${PROOF}', version = version + 1
   WHERE organization_id = $1::uuid`;
