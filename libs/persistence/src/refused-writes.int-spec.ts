import pg from 'pg';
import { CURFEW, type AuditEvent } from '#core/audit';
import { aWorld, FakeIds } from '#core/testing';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { openDatabase, type Database } from './database.js';

const world = aWorld(new FakeIds());
const { organization } = world;

jest.setTimeout(60_000);

let place: TestDatabase;
let database: Database;

beforeEach(async () => {
  place = await testDatabase();
  database = openDatabase({ appUrl: place.urls.app, clockworkUrl: place.urls.clockwork });
  await database.unitOfWork.inOrganization(organization.id, (stores) =>
    stores.organizations.insert(organization),
  );
});

afterEach(async () => {
  await database.close();
  await place.drop();
});

const event = (): AuditEvent => ({
  organizationId: organization.id,
  at: database.clock.now(),
  actor: CURFEW,
  action: 'organization.created',
  subject: { kind: 'organization', id: organization.id },
  customerId: null,
  details: {},
});

const asAdmin = async (statement: string): Promise<void> => {
  const client = new pg.Client({ connectionString: place.urls.admin });
  await client.connect();
  await client.query(statement);
  await client.end();
};

const write = () =>
  database.unitOfWork.inOrganization(organization.id, ({ audit }) => audit.append([event()]));
const beat = () =>
  database.alarms.beat({
    instance: 'one',
    layers: [{ layer: 'sweep', at: database.clock.now() }],
    databaseDifferenceMs: null,
    forgetBefore: 0,
  });

describe('Work that the disk has no room for', () => {
  it('makes known that nothing can be written, though beats are, until such work is done again', async () => {
    await asAdmin(`
      CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER no_room BEFORE INSERT ON audit_note EXECUTE FUNCTION no_room()`);
    await beat();
    expect(database.alarms.unwritableSince()).toBeNull();

    await expect(write()).rejects.toMatchObject({ code: 'database.unwritable' });
    await beat();
    expect(database.alarms.unwritableSince()).not.toBeNull();

    await asAdmin('DROP TRIGGER no_room ON audit_note');
    await beat();
    expect(database.alarms.unwritableSince()).not.toBeNull();
    await write();
    expect(database.alarms.unwritableSince()).toBeNull();
  });
});
