import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthenticateToken } from '#core/identity';
import { Secret } from '#core/shared';
import {
  FakeClock,
  FakeDirectory,
  FakeIds,
  FakeJobQueue,
  FakeSecretBox,
  FakeTenantCatalogue,
  FakeCertificates,
  FakeTenantSurveyor,
  InMemoryUnitOfWork,
} from '#core/testing';
import { consoleProgram } from './program.js';

/** A console over a database in memory. */
const setUp = () => {
  const unitOfWork = new InMemoryUnitOfWork();
  const clock = new FakeClock();
  const ports = {
    unitOfWork,
    doorway: unitOfWork.doorway,
    clock,
    ids: new FakeIds(),
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
  const printed: string[] = [];
  const remarks: string[] = [];
  const curfew = async (...args: string[]): Promise<string> => {
    printed.length = 0;
    const program = consoleProgram({
      withPorts: (work) => work(ports),
      withKeys: () => Promise.reject(new Error('No keys here.')),
      wrapKeys: () => Promise.reject(new Error('No keys here.')),
      print: (line) => printed.push(line),
      remark: (line) => remarks.push(line),
      ask: null,
      pause: () => Promise.resolve(),
      elapsed: () => clock.now(),
      unfinished: () => undefined,
      usageExitCode: 2,
    });
    await program.parseAsync(args, { from: 'user' });
    return printed.join('\n');
  };
  return { curfew, ports, remarks };
};

const moveIn = async () => {
  const setup = setUp();
  await setup.curfew('organization', 'create', '--slug', 'acme', '--name', 'Acme');
  await setup.curfew(
    ...['technician', 'create', '--organization', 'acme', '--username', 'ada', '--name', 'Ada'],
    ...['--role', 'admin'],
  );
  return setup;
};

describe('The console', () => {
  it('imports a list of customers, tries it first, and prints what came of each line', async () => {
    const { curfew, ports } = await moveIn();
    const directory = mkdtempSync(join(tmpdir(), 'curfew-list-'));
    const file = join(directory, 'customers.csv');
    writeFileSync(file, 'name;tenantId\nContoso;\nFabrikam;none\n');

    const tried = await curfew('customer', 'import', 'acme', file, '--dry-run');
    expect(tried.split('\n')).toEqual([
      '2\tcreated\t-\tContoso',
      expect.stringMatching(/^3\twrong\t-\tFabrikam\tcustomer_import\.tenant_id_malformed: /) as string,
    ]);
    expect(ports.unitOfWork.peek().customers).toEqual([]);
    await curfew('customer', 'import', 'acme', file);

    const [contoso] = ports.unitOfWork.peek().customers;
    expect(contoso?.name).toBe('Contoso');
    expect(await curfew('customer', 'import', 'acme', file)).toContain(`2\texists\t${contoso?.id}\tContoso`);
    writeFileSync(file, Buffer.from('name\nM\u00fcller', 'latin1'));
    await expect(curfew('customer', 'import', 'acme', file)).rejects.toMatchObject({
      code: 'customer_import.not_utf8',
    });
    rmSync(directory, { recursive: true });
  });

  it('says after how many days an unused account goes, and has it audited', async () => {
    const { curfew, ports } = await moveIn();
    expect(await curfew('organization', 'unused-accounts', 'acme', '30')).toBe('30');
    const told = ports.unitOfWork.peek().audit.at(-1);
    expect(told).toMatchObject({ action: 'organization.changed', details: { unusedAccountDays: 30 } });
  });

  it('makes an organization, a person and a token that lets in', async () => {
    const { curfew, ports } = await moveIn();

    const token = await curfew('token', 'create', '--organization', 'acme', '--technician', 'ada');

    expect(await new AuthenticateToken(ports).execute(new Secret(token))).toMatchObject({
      username: 'ada',
      role: 'admin',
    });
  });

  it('takes names by their place too', async () => {
    const { curfew, ports } = setUp();
    await curfew('organization', 'create', 'acme', '--name', 'Acme', '--prefix', 'adm-');
    await curfew('technician', 'create', 'acme', 'ada', '--name', 'Ada', '--role', 'technician');

    const token = await curfew('token', 'create', 'acme', 'ada', '--days', '1', '--role', 'technician');

    expect(token).toMatch(/^curfew_\w{37}$/);
    expect(ports.unitOfWork.peek().organizations).toMatchObject([
      { slug: 'acme', naming: { prefix: 'adm-' } },
    ]);
  });

  it('prints the token alone, and tells its id aside', async () => {
    const { curfew, ports, remarks } = await moveIn();

    const token = await curfew('token', 'create', 'acme', 'ada');

    expect(token.split('\n')).toHaveLength(1);
    expect(remarks.join('\n')).toContain(String(ports.unitOfWork.peek().tokens[0]?.id));
    expect(remarks.join('\n')).not.toContain(token);
  });

  it('makes a token worthless', async () => {
    const { curfew, ports } = await moveIn();
    const token = await curfew('token', 'create', 'acme', 'ada');
    const id = String(ports.unitOfWork.peek().tokens[0]?.id);

    await curfew('token', 'revoke', '--organization', 'acme', '--id', id);

    await expect(new AuthenticateToken(ports).execute(new Secret(token))).rejects.toMatchObject({
      code: 'token.invalid',
    });
  });

  it('makes a customer, and answers its id', async () => {
    const { curfew, ports } = await moveIn();

    const id = await curfew('customer', 'create', '--organization', 'acme', '--name', 'Contoso');

    expect(ports.unitOfWork.peek().customers).toMatchObject([{ id, name: 'Contoso' }]);
  });

  it('writes in the audit log that it was the console', async () => {
    const { ports } = await moveIn();

    const actors = ports.unitOfWork.peek().audit.map(({ actor }) => actor.kind);

    expect(new Set(actors)).toEqual(new Set(['console']));
  });

  it.each([
    ['organization.exists', ['organization', 'create', 'acme', '--name', 'Other']],
    ['organization.not_found', ['customer', 'create', 'nobody', '--name', 'Contoso']],
    ['technician.exists', ['technician', 'create', 'acme', 'ada', '--name', 'Ada', '--role', 'admin']],
    ['technician.not_found', ['token', 'create', 'acme', 'bob']],
    ['token.lifetime_invalid', ['token', 'create', 'acme', 'ada', '--days', '91']],
    ['token.role_too_high', ['token', 'create', 'acme', 'ada', '--role', 'owner']],
    ['token.not_found', ['token', 'revoke', 'acme', 'x']],
  ])('refuses with %s', async (code, args) => {
    const { curfew } = await moveIn();

    await expect(curfew(...args)).rejects.toMatchObject({ code });
  });

  it('asks for what is missing', async () => {
    const { curfew } = await moveIn();

    await expect(curfew('token', 'create', 'acme')).rejects.toThrow('--technician');
  });
});
