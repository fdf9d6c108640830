import { CreateOrganization } from '#core/identity';
import {
  aWorld,
  FakeClock,
  FakeDirectory,
  FakeIds,
  FakeJobQueue,
  FakeSecretBox,
  FakeTenantCatalogue,
  FakeCertificates,
  FakeTenantSurveyor,
  InMemoryUnitOfWork,
  plant,
  type World,
} from '#core/testing';
import { CreateCustomer } from '#core/tenancy';
import { consoleProgram } from './program.js';

/** A console over a database in memory, with an account that Entra is silent about: it can't be closed. */
const setUp = async (answer: string | null = null) => {
  const unitOfWork = new InMemoryUnitOfWork();
  const clock = new FakeClock();
  const ids = new FakeIds();
  const ports = {
    unitOfWork,
    doorway: unitOfWork.doorway,
    clock,
    ids,
    box: new FakeSecretBox(),
    queue: new FakeJobQueue(),
    directory: new FakeDirectory(() => clock.now()),
    alarms: unitOfWork.alarms,
    changes: new FakeDirectory(() => clock.now()),
    catalogue: new FakeTenantCatalogue(),
    surveyor: new FakeTenantSurveyor(),
    certificates: new FakeCertificates(),
    federatedOrganization: null,
  };
  const world = aWorld(ids);
  await plant(unitOfWork, world);
  const printed: string[] = [];
  const questions: string[] = [];
  let unfinished = false;
  const curfew = async (...args: string[]): Promise<string> => {
    printed.length = 0;
    const program = consoleProgram({
      withPorts: (work) => work(ports),
      withKeys: () => Promise.reject(new Error('No keys here.')),
      wrapKeys: () => Promise.reject(new Error('No keys here.')),
      print: (line) => printed.push(line),
      remark: () => undefined,
      ask:
        answer === null
          ? null
          : (question) => {
              questions.push(question);
              return Promise.resolve(answer);
            },
      pause: (ms) => Promise.resolve(clock.advance(ms)),
      elapsed: () => clock.now(),
      unfinished: () => (unfinished = true),
      usageExitCode: 2,
    });
    await program.parseAsync(args, { from: 'user' });
    return printed.join('\n');
  };
  return { curfew, world, ports, unitOfWork, questions, isUnfinished: () => unfinished };
};

const scopes = ({ unitOfWork }: Awaited<ReturnType<typeof setUp>>) =>
  unitOfWork.peek().holds.map(({ scope, placedBy }) => ({ ...scope, by: placedBy.kind }));

/** Another MSP of the deployment, with a customer of that name. */
const anotherMsp = async ({ ports }: Awaited<ReturnType<typeof setUp>>, name: string): Promise<void> => {
  const { id: organizationId } = await new CreateOrganization(ports).execute({
    slug: 'other',
    name: 'Other',
    prefix: 'jit-',
  });
  const command = { organizationId, name, actor: { kind: 'console' } as const, idempotency: null };
  await new CreateCustomer(ports).execute(command);
};

describe('curfew revoke', () => {
  it.each<[string, (world: World) => readonly string[], (world: World) => object]>([
    [
      'a technician',
      () => ['--technician', 'ADA'],
      ({ technician: { id } }) => ({ kind: 'technician', technicianId: id }),
    ],
    [
      'a customer by its id',
      ({ customer }) => ['--customer', customer.id],
      ({ customer: { id } }) => ({ kind: 'customer', customerId: id }),
    ],
    [
      'a customer by its name',
      () => ['--customer', 'contoso'],
      ({ customer: { id } }) => ({ kind: 'customer', customerId: id }),
    ],
    ['everybody', () => ['--all'], () => ({ kind: 'organization' })],
  ])('stops %s', async (_, args, scope) => {
    const setup = await setUp();

    const told = await setup.curfew('revoke', ...args(setup.world), '--wait', '1');

    expect(scopes(setup)).toEqual([{ ...scope(setup.world), by: 'console' }]);
    expect(told).toContain('Nothing is given until an owner lifts');
  });

  it('prints the list to do it by hand when the time is over, and says by its exit code that it is not done', async () => {
    const { curfew, world, isUnfinished } = await setUp();

    const told = await curfew('revoke', '--all', '--reason', 'stolen', '--wait', '2');

    expect(told).toContain('1 not done');
    expect(told).toContain(`${world.customer.name}  ${world.account.upn}`);
    expect(told).toContain(`tenant ${world.connection.tenantId}, object ${world.account.objectId ?? ''}`);
    expect(told).toContain('Update-MgUser -UserId $id -AccountEnabled:$false');
    expect(isUnfinished()).toBe(true);
  });

  it('is done at once where nothing is open', async () => {
    const setup = await setUp();
    await anotherMsp(setup, 'Fabrikam');

    const told = await setup.curfew('revoke', '--customer', 'Fabrikam');

    expect(told).toContain('0 closed, 0 taken away and not read back yet, 0 not done.');
    expect(setup.isUnfinished()).toBe(false);
  });

  it('asks before it stops everybody, when somebody sits there', async () => {
    const no = await setUp('no');
    await expect(no.curfew('revoke', '--all')).rejects.toThrow('Nothing was done.');
    expect([no.questions.length, scopes(no).length]).toEqual([1, 0]);

    const yes = await setUp('yes');
    await yes.curfew('revoke', '--all', '--wait', '1');
    await yes.curfew('revoke', '--all', '--yes', '--wait', '1');
    await yes.curfew('revoke', '--technician', 'ada', '--wait', '1');
    expect([yes.questions.length, scopes(yes).length]).toEqual([1, 2]);
  });

  it('asks which organization it is where that is not certain, and does nothing before', async () => {
    const setup = await setUp();
    await anotherMsp(setup, 'Contoso');

    await expect(setup.curfew('revoke', '--all')).rejects.toThrow(/everybody of msp-.*; everybody of other/);
    await expect(setup.curfew('revoke', '--customer', 'Contoso')).rejects.toThrow('Say which');
    expect(scopes(setup)).toEqual([]);

    await setup.curfew('revoke', '--all', '--organization', 'other');
    expect(setup.unitOfWork.peek().holds).toHaveLength(1);
  });

  it.each([
    ['technician.not_found', ['--technician', 'nobody']],
    ['customer.not_found', ['--customer', 'Nobody Ltd']],
    ['customer.not_found', ['--customer', '019ab0c4-0000-7000-8000-0000000000aa']],
    ['organization.not_found', ['--all', '--organization', 'nobody']],
  ])('refuses with %s whom it does not know', async (code, args) => {
    const { curfew } = await setUp();

    await expect(curfew('revoke', ...args)).rejects.toMatchObject({ code });
  });

  it.each([[[]], [['--all', '--technician', 'ada']]])('asks whom, given %j', async (args) => {
    const { curfew } = await setUp();

    await expect(curfew('revoke', ...args)).rejects.toThrow('Say whom');
  });
});
