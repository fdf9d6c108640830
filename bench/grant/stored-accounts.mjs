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
  for (const statement of [organizations, customers, people(technicians), parked(technicians), running]) {
    await client.query(statement);
  }
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

const running = `
  UPDATE managed_account a SET due_at = now() + interval '1 hour' * (1 + soon.place % 7), take_at = now() + interval '8 hours'
    FROM (SELECT organization_id, id, row_number() OVER (ORDER BY id) AS place
            FROM managed_account ORDER BY id LIMIT ${RUNNING}) soon
   WHERE a.organization_id = soon.organization_id AND a.id = soon.id`;
