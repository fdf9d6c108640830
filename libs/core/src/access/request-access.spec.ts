import { accountName, markerOf } from '#core/accounts';
import { EndGrant, LiftHold, PullKillSwitch, type HoldScope } from '#core/grants';
import type { Technician } from '#core/identity';
import { DomainError, HOUR, idOf, MINUTE, SECOND } from '#core/shared';
import { credentialRefused, type EntraConnection } from '#core/tenancy';
import {
  aWorld,
  FakeClock,
  FakeIds,
  FakeJobQueue,
  FakeSecretBox,
  InMemoryUnitOfWork,
  NOON,
} from '#core/testing';
import type { AccessPolicy } from './access-policy.js';
import { RequestAccess, type RequestAccessCommand } from './request-access.js';

const DAY = 24 * HOUR;

/** An organization with a connected customer, a policy and a technician: everything but a request. */
const setUp = async (
  change: {
    readonly policy?: Partial<AccessPolicy>;
    readonly connection?: Partial<EntraConnection> | null;
  } = {},
) => {
  const [ids, clock, queue, box] = [
    new FakeIds(),
    new FakeClock(NOON),
    new FakeJobQueue(),
    new FakeSecretBox(),
  ];
  const unitOfWork = new InMemoryUnitOfWork();
  const world = aWorld(ids);
  const policy: AccessPolicy = { ...world.policy, reason: 'optional', ...change.policy };
  await unitOfWork.inOrganization(world.organization.id, async (stores) => {
    await stores.organizations.insert(world.organization);
    await stores.technicians.insert(world.technician);
    await stores.customers.insert(world.customer);
    if (change.connection !== null)
      await stores.connections.save({ ...world.connection, ...change.connection }, null);
    await stores.policies.insert(policy);
  });
  const command: RequestAccessCommand = {
    organizationId: world.organization.id,
    technicianId: world.technician.id,
    customerId: world.customer.id,
    policyId: policy.id,
    durationSeconds: null,
    startsAt: null,
    reason: null,
    ticket: null,
    actor: { kind: 'technician', id: world.technician.id, tokenId: world.token.id },
    idempotency: null,
  };
  const requestAccess = new RequestAccess({ unitOfWork, queue, clock, ids, box });
  const ask = (wish: Partial<RequestAccessCommand> = {}) => requestAccess.execute({ ...command, ...wish });
  return { ...world, policy, ids, clock, queue, box, unitOfWork, command, ask };
};

const refusalOf = async (asked: Promise<unknown>): Promise<DomainError> => {
  const error = await asked.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DomainError)) throw new Error(`No refusal but ${String(error)}.`);
  return error;
};

describe('RequestAccess', () => {
  it('makes request, grant and account in one go, and rings at once', async () => {
    const { ask, unitOfWork, queue, organization, customer, policy, technician, connection, box } =
      await setUp();

    const request = await ask({ reason: 'Mailbox stuck', ticket: 'T-7' });

    const { accounts, grants, requests } = unitOfWork.peek();
    const upn = accountName(organization.naming, {
      username: technician.username,
      domain: connection.domain,
    });
    expect(requests).toEqual([request]);
    expect(request).toMatchObject({
      state: 'approved',
      grantId: grants[0]?.id,
      policyVersion: policy.version,
    });
    expect(grants[0]).toMatchObject({
      state: 'scheduled',
      approved: policy.gives,
      startsAt: NOON,
      expiresAt: NOON + policy.defaultDurationSeconds * SECOND,
      latestExpiresAt: NOON + policy.maximumDurationSeconds * SECOND,
    });
    expect(accounts[0]).toMatchObject({
      upn,
      objectId: null,
      marker: markerOf(box, {
        organizationId: connection.organizationId,
        tenantId: connection.tenantId,
        accountId: accounts[0]?.id ?? idOf(''),
        upn,
      }),
      dueAt: NOON,
      takeAt: grants[0]?.expiresAt,
    });
    expect(queue.rung).toEqual([
      {
        at: null,
        job: { name: 'customer.converge', organizationId: organization.id, customerId: customer.id },
      },
    ]);
  });

  it('writes who asked for what, and what came of it, into the audit log', async () => {
    const { ask, unitOfWork, command } = await setUp();

    const { grantId } = await ask({ reason: 'Mailbox stuck' });

    expect(unitOfWork.peek().audit).toMatchObject([
      {
        action: 'access_request.requested',
        actor: command.actor,
        details: { reason: 'Mailbox stuck', ticket: null },
      },
      { action: 'grant.scheduled', actor: command.actor, subject: { kind: 'grant', id: grantId } },
    ]);
  });

  it('wakes the account for a later start, and arms its bell when that is near', async () => {
    const { ask, unitOfWork, queue } = await setUp();

    await ask({ startsAt: NOON + 10 * MINUTE });

    const [account] = unitOfWork.peek().accounts;
    expect(account).toMatchObject({ dueAt: NOON + 10 * MINUTE });
    expect(queue.rung).toMatchObject([{ at: NOON + 10 * MINUTE }]);
  });

  it('rings no bell for a start that is far away', async () => {
    const { ask, queue, unitOfWork } = await setUp();

    await ask({ startsAt: NOON + DAY });

    expect(queue.rung).toEqual([]);
    expect(unitOfWork.peek().accounts[0]?.dueAt).toBe(NOON + DAY);
  });

  it('takes a start that a clock a little behind names for "at once"', async () => {
    const { ask, unitOfWork } = await setUp();

    await ask({ startsAt: NOON - 20 * SECOND });

    expect(unitOfWork.peek().grants[0]?.startsAt).toBe(NOON);
  });

  it('uses the account that is there, and only ever brings its times forward', async () => {
    const { ask, unitOfWork, clock } = await setUp();
    await ask({ startsAt: NOON + HOUR });
    clock.advance(MINUTE);

    await ask({ durationSeconds: 60 });

    expect(unitOfWork.peek().accounts).toMatchObject([
      { dueAt: NOON + MINUTE, takeAt: NOON + 2 * MINUTE, version: 2 },
    ]);
    expect(unitOfWork.peek().grants).toHaveLength(2);
  });

  it("numbers the name when another technician's account has it", async () => {
    const { ask, unitOfWork, organization, technician, command } = await setUp();
    await ask();
    // Renamed meanwhile: the name of the account stays as it was made.
    const heir: Technician = {
      ...technician,
      id: idOf('0190a000-0000-7000-8000-00000000000e'),
      username: 'ada-2',
    };
    await unitOfWork.inOrganization(organization.id, (stores) => stores.technicians.insert(heir));
    const [first] = unitOfWork.peek().accounts;
    await unitOfWork.inOrganization(organization.id, (stores) =>
      stores.accounts.insert({
        ...(first ?? never()),
        id: idOf('0190a000-0000-7000-8000-00000000000f'),
        kind: 'laps',
        technicianId: null,
        upn: `jit-ada-2@contoso.onmicrosoft.com`,
      }),
    );

    await ask({ technicianId: heir.id, actor: command.actor });

    expect(unitOfWork.peek().accounts.map(({ upn }) => upn)).toContain('jit-ada-2.2@contoso.onmicrosoft.com');
  });

  it('makes one grant of the same request sent many times under one key', async () => {
    const { ask, unitOfWork, queue, technician } = await setUp();
    const idempotency = { key: 'k1', actorId: technician.id, bodyDigest: 'd1' };

    const requests = await Promise.all(Array.from({ length: 20 }, () => ask({ idempotency })));

    expect(new Set(requests.map(({ id }) => id)).size).toBe(1);
    expect(unitOfWork.peek().grants).toHaveLength(1);
    expect(queue.rung).toHaveLength(1);
  });

  it('refuses a key that was used for something else', async () => {
    const { ask, unitOfWork, technician } = await setUp();
    await ask({ idempotency: { key: 'k1', actorId: technician.id, bodyDigest: 'd1' } });

    const refusal = await refusalOf(
      ask({ idempotency: { key: 'k1', actorId: technician.id, bodyDigest: 'd2' } }),
    );

    expect(refusal.code).toBe('idempotency.key_reused');
    expect(unitOfWork.peek().grants).toHaveLength(1);
  });

  it('begins once more when a twin made the account at the same moment', async () => {
    const { unitOfWork, command, queue, clock, ids, box } = await setUp();
    let lost = 0;
    const racing: InMemoryUnitOfWork = Object.assign(Object.create(unitOfWork) as InMemoryUnitOfWork, {
      inOrganization: async (...[id, work]: Parameters<InMemoryUnitOfWork['inOrganization']>) => {
        if (lost++ === 0) throw accountExists();
        return unitOfWork.inOrganization(id, work);
      },
    });

    await new RequestAccess({ unitOfWork: racing, queue, clock, ids, box }).execute(command);

    expect(unitOfWork.peek().grants).toHaveLength(1);
  });

  it('refuses a second grant of the same policy in the same time, and names the first', async () => {
    const { ask, unitOfWork } = await setUp();
    const { grantId } = await ask();

    const refusal = await refusalOf(ask());

    expect(refusal).toMatchObject({ code: 'access_request.duplicate', details: { grantId } });
    expect(unitOfWork.peek().requests).toHaveLength(1);
  });

  it('gives the same policy again before, after, or once the first was ended', async () => {
    const { ask, unitOfWork, clock, organization, command, queue } = await setUp();
    const first = await ask({ startsAt: NOON + HOUR, durationSeconds: 600 });
    await ask({ durationSeconds: 3_600 });
    await ask({ startsAt: NOON + HOUR + 600 * SECOND });
    await new EndGrant({ unitOfWork, queue, clock }).execute({
      organizationId: organization.id,
      grantId: first.grantId ?? never(),
      reason: 'ended_by_technician',
      actor: command.actor,
    });

    await ask({ startsAt: NOON + HOUR, durationSeconds: 600 });

    expect(unitOfWork.peek().grants).toHaveLength(4);
  });

  it.each<[string, Parameters<typeof setUp>[0], Partial<RequestAccessCommand>]>([
    ['access_policy.not_found', {}, { policyId: idOf('0190a000-0000-7000-8000-0000000000aa') }],
    ['customer.not_found', {}, { customerId: idOf('0190a000-0000-7000-8000-0000000000aa') }],
    ['technician.not_found', {}, { technicianId: idOf('0190a000-0000-7000-8000-0000000000aa') }],
    ['access_policy.archived', { policy: { state: 'archived' } }, {}],
    ['customer.not_connected', { connection: null }, {}],
    [
      'access_policy.pass_unavailable',
      {
        policy: { credential: 'pass' },
        connection: { capabilities: { mayTouchRoleHolders: true, pass: null, timedRoles: false } },
      },
      {},
    ],
    ['access_request.duration_too_long', {}, { durationSeconds: 3_601 }],
    ['access_request.duration_too_short', {}, { durationSeconds: 29 }],
    ['access_request.reason_required', { policy: { reason: 'required' } }, { reason: '  ' }],
    ['access_request.ticket_required', { policy: { ticket: 'required' } }, {}],
    ['access_request.start_out_of_range', {}, { startsAt: NOON - 2 * MINUTE }],
    ['access_request.start_out_of_range', {}, { startsAt: NOON + 30 * DAY + 1 }],
  ])('refuses with %s and leaves nothing behind', async (code, change, wish) => {
    const { ask, unitOfWork, queue } = await setUp(change);

    const refusal = await refusalOf(ask(wish));

    expect(refusal.code).toBe(code);
    const { requests, grants, accounts, audit } = unitOfWork.peek();
    expect([requests, grants, accounts, audit, queue.rung].map(({ length }) => length)).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });

  it('refuses while the credential is refused there, and not while Entra merely asks to wait', async () => {
    const { ask, clock, customer, organization, unitOfWork } = await setUp();
    const throttle = (reason: string, until: number) =>
      unitOfWork.inOrganization(organization.id, ({ customers }) =>
        customers.throttle(customer.id, { workload: 'sign-in', until, reason }),
      );
    await throttle('429', NOON + MINUTE);
    expect((await ask({ startsAt: NOON + DAY })).state).toBe('approved');

    await throttle(credentialRefused('AADSTS7000222'), NOON + 2 * MINUTE);
    expect((await refusalOf(ask())).code).toBe('customer.credential_refused');

    clock.advance(2 * MINUTE);
    expect((await ask()).state).toBe('approved');
  });

  it("refuses another customer's policy", async () => {
    const { ask, unitOfWork, organization, customer } = await setUp();
    const other = { ...customer, id: idOf<'customer'>('0190a000-0000-7000-8000-0000000000bb') };
    await unitOfWork.inOrganization(organization.id, (stores) => stores.customers.insert(other));

    expect((await refusalOf(ask({ customerId: other.id }))).code).toBe('access_policy.other_customer');
  });

  it('lets an organization-wide policy be used at any customer', async () => {
    const { ask } = await setUp({ policy: { customerId: null } });

    expect((await ask()).state).toBe('approved');
  });
});

const accountExists = () =>
  new DomainError('account.exists', { kind: 'conflict', title: 'taken', remedy: 'again' });

const never = (): never => {
  throw new Error('It should be there.');
};

describe('RequestAccess under a kill switch', () => {
  it.each<[string, (command: RequestAccessCommand) => HoldScope]>([
    ['everybody', () => ({ kind: 'organization' })],
    ['the technician', ({ technicianId }) => ({ kind: 'technician', technicianId })],
    ['the customer', ({ customerId }) => ({ kind: 'customer', customerId })],
  ])(
    'on %s is refused, names whom to ask and not why, and is free again when it is lifted',
    async (_, scopeOf) => {
      const { ask, unitOfWork, command, queue, clock, ids } = await setUp();
      const { organizationId, actor } = command;
      const ports = { unitOfWork, queue, clock, ids };
      const pull = { organizationId, scope: scopeOf(command), reason: 'suspicion', actor, idempotency: null };
      const hold = await new PullKillSwitch(ports).execute(pull);

      const refusal = await refusalOf(ask());

      expect(refusal).toMatchObject({
        code: 'access.held',
        details: { holdId: hold.id, scope: hold.scope.kind },
      });
      expect(refusal.remedy).toContain('owner');
      expect(JSON.stringify(refusal.details)).not.toContain('suspicion');
      expect(unitOfWork.peek().grants).toEqual([]);
      await expect(ask({ startsAt: NOON + DAY })).rejects.toMatchObject({ code: 'access.held' });
      await new LiftHold(ports).execute({ organizationId, holdId: hold.id, actor });
      clock.advance(1);
      expect(await ask()).toMatchObject({ state: 'approved' });
    },
  );
});
