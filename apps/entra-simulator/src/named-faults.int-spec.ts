import type { TestSimulator } from '../../../test/support/simulator.js';
import { directoryFaults } from './control/named-faults/directory-faults.js';
import { signInFaults } from './control/named-faults/sign-in-faults.js';
import {
  ann,
  annPath,
  assignments,
  group,
  proveFaults,
  type Case,
  type NamedCase,
} from './testing/fault-scene.js';
import { clientId, reference, secret, startFrozen, tenantId } from './testing/stage.js';

const cases: readonly NamedCase[] = [
  [
    'S011: the next token lacks what was withdrawn, this one does not',
    {
      fault: 'consent-withdrawn',
      sees: async (on) => {
        const token = await on.simulator.token(tenantId, { clientId, secret });
        const remove = `${assignments}/${(await on.ann())?.roles[0]?.assignmentId ?? ''}`;
        return [(await on.stage.graph('DELETE', remove, { token })).status, await on.assign()];
      },
      stage: { isAdmin: true },
      seen: [403, 201],
      truth: (on) => on.roleCount(),
      true: 2,
    },
  ],
  ...(
    [
      ['token-endpoint-429', { status: 429, wait: '5', codes: [90055] }],
      ['token-endpoint-503', { status: 503, wait: undefined, codes: [90033] }],
      ['token-endpoint-90055', { status: 400, wait: undefined, codes: [90055] }],
    ] as const
  ).map(([fault, seen]): [string, Case] => [
    `S013: ${fault} says to come back, and the next one is given`,
    {
      fault,
      sees: (on) => on.askToken(),
      seen,
      truth: async (on) => (await on.askToken()).status,
      true: 200,
    },
  ]),
  [
    'S015: nobody knows the new user for 10 s, though it is there',
    {
      fault: 'not-yet-there',
      sees: async (on) => {
        const id = await on.stage.createUser();
        const read = () => on.ask('GET', `/users/${id}`);
        return on.inTurn(read, on.later(9_999), read, on.later(1), read);
      },
      seen: [404, 1, 404, 1, 200],
      truth: (on) => on.made(),
      true: 1,
    },
  ],
  [
    'S016: replicas disagree about a new user, and agree in the end',
    {
      fault: 'replica-flapping',
      sees: async (on) => {
        const id = await on.stage.createUser();
        await on.simulator.advance(10_000);
        const read = () => on.ask('GET', `/users/${id}`);
        const during = new Set(await on.inTurn(...Array.from({ length: 40 }, () => read)));
        await on.simulator.advance(10_000);
        return [during, new Set(await on.inTurn(...Array.from({ length: 20 }, () => read)))];
      },
      seen: [new Set([200, 404]), new Set([200])],
      truth: (on) => on.made(),
      true: 1,
    },
  ],
  [
    'S038: an admin whose role is gone stays protected for 30 s',
    {
      fault: 'role-removal-not-seen-yet',
      stage: { isAdmin: true },
      sees: async (on) => {
        const role = (await on.ann())?.roles[0]?.assignmentId ?? '';
        const take = () => on.ask('DELETE', `${assignments}/${role}`);
        return on.inTurn(take, on.disable, on.later(30_000), on.disable);
      },
      seen: [204, 403, 0, 204],
      truth: (on) => on.isEnabled(),
      true: false,
    },
  ],
  [
    'S084: a pass for a new user is 404 for 20 s while the user is read',
    {
      fault: 'pass-404-after-create',
      sees: async (on) => {
        const id = await on.stage.createUser();
        const mint = () => on.ask('POST', `/users/${id}/authentication/temporaryAccessPassMethods`, {});
        return on.inTurn(() => on.ask('GET', `/users/${id}`), mint, on.later(20_000), mint);
      },
      seen: [200, 404, 1, 201],
      truth: async (on) => (await on.simulator.truth(tenantId)).users.flatMap(({ passes }) => passes).length,
      true: 1,
    },
  ],
  [
    'a yes to a disable comes 15 s before the disable',
    {
      fault: '204-but-not-yet',
      sees: async (on) => [await on.disable(), await on.isEnabled()],
      seen: [204, true],
      truth: (on) => on.inTurn<unknown>(on.later(14_999), on.isEnabled, on.later(1), on.isEnabled),
      true: [0, true, 0, false],
    },
  ],
  [
    'S027: a good create is refused twice, then taken',
    {
      fault: 'transient-400',
      sees: (on) => on.inTurn(on.create, on.create, on.made, on.create),
      seen: [400, 400, 0, 201],
      truth: (on) => on.made(),
      true: 1,
    },
  ],
  [
    'S037: an admin cannot be disabled, whatever roles the app has',
    {
      fault: 'admin-untouchable',
      stage: { isAdmin: true, directoryRoles: ['Privileged Authentication Administrator'] },
      sees: (on) => on.disable(),
      seen: 403,
      truth: (on) => on.isEnabled(),
      true: true,
    },
  ],
  [
    'S040: disable and reset together are refused, disable alone is not',
    {
      fault: 'combined-patch-403',
      sees: async (on) => {
        const both = { accountEnabled: false, passwordProfile: { password: 'Tr0mbone-Kettle-8' } };
        return on.inTurn<unknown>(() => on.ask('PATCH', annPath, both), on.isEnabled, on.disable);
      },
      seen: [403, true, 204],
      truth: (on) => on.isEnabled(),
      true: false,
    },
  ],
  [
    'S047: a change that met another is not made',
    {
      fault: 'concurrency-409',
      sees: (on) => on.inTurn<unknown>(on.disable, on.isEnabled, on.disable),
      seen: [409, true, 204],
      truth: (on) => on.isEnabled(),
      true: false,
    },
  ],
  [
    'S052: a user is not yet there for a group, by 404',
    {
      fault: 'member-not-yet-there',
      sees: async (on) => {
        const path = `/groups/${group.id}/members/$ref`;
        const { body } = await on.stage.graph('POST', path, { body: reference(ann) });
        return [
          JSON.stringify(body).includes(`Resource '${ann}' does not exist`),
          await on.join(),
          await on.join(),
        ];
      },
      seen: [true, 404, 204],
      truth: (on) => on.groupCount(),
      true: 1,
    },
  ],
  [
    'S052: a user is not yet there for a group, by 400',
    {
      fault: 'member-not-yet-there-400',
      sees: (on) => on.inTurn(on.join, on.join, on.join),
      seen: [400, 400, 204],
      truth: (on) => on.groupCount(),
      true: 1,
    },
  ],
  [
    'S056: a group refuses as if consent were missing',
    {
      fault: 'dynamic-group-403',
      sees: (on) => on.join(),
      seen: 403,
      truth: (on) => on.groupCount(),
      true: 0,
    },
  ],
  [
    'S063: a role is assigned once, and said to conflict',
    {
      fault: 'conflicting-assignment',
      sees: (on) => on.assign(),
      seen: 400,
      truth: (on) => on.roleCount(),
      true: 1,
    },
  ],
  [
    'S075: a role cannot be taken through PIM for 5 minutes',
    {
      fault: 'pim-too-short',
      stage: { isAdmin: true },
      sees: async (on) => {
        const body = { action: 'adminRemove', principalId: ann };
        const answer = await on.stage.graph(
          'POST',
          '/roleManagement/directory/roleAssignmentScheduleRequests',
          { body },
        );
        return JSON.stringify(answer.body).includes('ActiveDurationTooShort');
      },
      seen: true,
      truth: (on) => on.roleCount(),
      true: 1,
    },
  ],
  [
    'S098: a user in a restricted unit is not changed',
    {
      fault: 'restricted-unit-403',
      sees: (on) => on.disable(),
      seen: 403,
      truth: (on) => on.isEnabled(),
      true: true,
    },
  ],
  [
    'S048: a full tenant takes no user',
    { fault: 'quota-403', sees: (on) => on.create(), seen: 403, truth: (on) => on.made(), true: 0 },
  ],
  [
    'everything is refused for 10 s, and nothing afterwards',
    {
      fault: 'spurious-403',
      sees: (on) => on.inTurn<unknown>(on.disable, on.isEnabled, on.later(10_000), on.disable),
      seen: [403, true, 0, 204],
      truth: (on) => on.isEnabled(),
      true: false,
    },
  ],
];

describe('A fault of the directory or of sign-in, by its name', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());
  afterEach(() => simulator.clearFaults());

  proveFaults(() => simulator, [...directoryFaults, ...signInFaults], cases);

  it('is told in the catalogue: one sentence, and how to come by what needs no rule', async () => {
    const catalogue = await simulator.namedFaults();

    const isTold = catalogue.map(
      ({ tells, rule, always }) => tells.endsWith('.') && (rule ?? always) !== undefined,
    );
    expect(new Set(isTold)).toEqual(new Set([true]));
    expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
  });

  it('is one of the twenty nasty ones, or beside them; each of those has a name', async () => {
    const numbers = (await simulator.namedFaults())
      .map(({ nasty }) => nasty)
      .filter((nasty) => nasty !== null);

    expect(new Set(numbers)).toEqual(new Set(Array.from({ length: 20 }, (_, at) => `N${at + 1}`)));
  });
});
