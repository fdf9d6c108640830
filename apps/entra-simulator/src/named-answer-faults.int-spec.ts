import type { TestSimulator } from '../../../test/support/simulator.js';
import { answerFaults } from './control/named-faults/answer-faults.js';
import { annPath, proveFaults, type Case, type NamedCase, type Scene } from './testing/fault-scene.js';
import { aUser, startFrozen } from './testing/stage.js';

const throttled = (wait: string | undefined) => async (on: Scene) => {
  const { status, headers } = await on.stage.graph('GET', annPath);
  return { status, isAsked: headers['retry-after'] === wait };
};

const isThrottled = { seen: { status: 429, isAsked: true }, truth: (on: Scene) => on.read(), true: 200 };

const cases: readonly NamedCase[] = [
  [
    'S090: a wait of 1 s, over and over',
    {
      fault: 'endless-429',
      sees: (on) => on.inTurn(...Array.from({ length: 4 }, () => () => throttled('1')(on))),
      seen: Array.from({ length: 4 }, () => isThrottled.seen),
      truth: (on) => on.isEnabled(),
      true: true,
    },
  ],
  [
    'S090: a wait of 315 s, over and over',
    {
      fault: 'endless-429-long',
      sees: (on) =>
        on.inTurn(
          () => throttled('315')(on),
          () => throttled('315')(on),
        ),
      seen: [isThrottled.seen, isThrottled.seen],
      truth: (on) => on.isEnabled(),
      true: true,
    },
  ],
  [
    'S092: three parts are throttled, the others done',
    {
      fault: '429-part-of-batch',
      sees: (on) => on.createMany(5),
      seen: 200,
      truth: (on) => on.made(),
      true: 2,
    },
  ],
  [
    'S093: throttled and carried out all the same',
    {
      fault: 'carried-out-although-429',
      sees: (on) => on.create(),
      seen: 429,
      truth: (on) => on.made(),
      true: 1,
    },
  ],
  [
    'S091: no word of how long',
    { fault: '429-without-retry-after', sees: throttled(undefined), ...isThrottled },
  ],
  [
    'S091: until a date',
    {
      fault: 'retry-after-date',
      // The clock was moved by the cases before, but it stands still now.
      sees: async (on) => {
        const { headers } = await on.stage.graph('GET', annPath);
        return Date.parse(headers['retry-after'] ?? '') - Date.parse(headers['date'] ?? '');
      },
      seen: 30_000,
      truth: (on) => on.read(),
      true: 200,
    },
  ],
  ['S091: for a fraction', { fault: 'retry-after-fraction', sees: throttled('2.128'), ...isThrottled }],
  [
    'S018: an account is made and not told; its name is taken then',
    {
      fault: 'commit-then-504',
      sees: (on) => on.inTurn(on.create, on.create),
      seen: [504, 400],
      truth: (on) => on.made(),
      true: 1,
    },
  ],
  [
    'S019: nothing was made, and the next try makes it',
    {
      fault: 'timeout-before-commit',
      sees: (on) => on.inTurn(on.create, on.made, on.create),
      seen: [504, 0, 201],
      truth: (on) => on.made(),
      true: 1,
    },
  ],
  [
    'S096: carried out or not, as the seed has it',
    {
      fault: '503-mid-write',
      rule: { times: 12 },
      sees: (on) => on.inTurn(...Array.from({ length: 12 }, () => on.create)),
      // Until one is made; from then on the name is taken.
      seen: Array.from({ length: 12 }, () => 503),
      truth: (on) => on.made(),
      true: 1,
    },
  ],
  [
    'S097: cut and not done',
    {
      fault: 'connection-cut-before',
      sees: (on) => on.create(),
      seen: 'cut',
      truth: (on) => on.made(),
      true: 0,
    },
  ],
  [
    'S097: cut and done',
    {
      fault: 'connection-cut-after',
      sees: (on) => on.create(),
      seen: 'cut',
      truth: (on) => on.made(),
      true: 1,
    },
  ],
  [
    'S097: done at once, told later',
    {
      fault: 'slow-answer',
      rule: { ms: 50 },
      sees: async (on) => {
        const before = Date.now();
        return [await on.create(), Date.now() - before >= 45];
      },
      seen: [201, true],
      truth: (on) => on.made(),
      true: 1,
    },
  ],
  [
    'S053: delivered twice, done once, and refused to the caller',
    {
      fault: 'duplicate-delivery',
      sees: (on) => on.join(),
      seen: 400,
      truth: (on) => on.groupCount(),
      true: 1,
    },
  ],
  [
    'S010: a valid token is refused once',
    {
      fault: 'spurious-401',
      sees: (on) => on.inTurn(on.create, on.made, on.create),
      seen: [401, 0, 201],
      truth: (on) => on.made(),
      true: 1,
    },
  ],
  [
    'S096: no part of a batch is done',
    {
      fault: 'batch-envelope-503',
      sees: (on) => on.createMany(4),
      seen: 503,
      truth: (on) => on.made(),
      true: 0,
    },
  ],
  [
    'S097: half of a batch is done, and nobody is told which',
    {
      fault: 'half-a-batch-then-cut',
      sees: (on) => on.createMany(5),
      seen: 'cut',
      truth: (on) => on.made(),
      true: 3,
    },
  ],
  ...(
    [
      ['S096: a page in place of an answer', 'html-instead-of-json', [502, 'text/html', '<!DOCTYPE', 0]],
      ['a page that says 200', 'html-with-200', [200, 'text/html', '<!DOCTYPE', 0]],
      ['half an answer', 'truncated-json', [201, 'application/json', '{"@odata.', 1]],
      ['an empty answer', 'empty-200', [200, '', 'undefined', 1]],
    ] as const
  ).map(([title, fault, [status, type, beginning, made]]): [string, Case] => [
    title,
    {
      fault,
      sees: async (on) => {
        const answer = await on.stage.graph('POST', '/users', { body: aUser() });
        const isType = type === '' || answer.headers['content-type']?.startsWith(type) === true;
        return [answer.status, isType, String(answer.body).startsWith(beginning)];
      },
      seen: [status, true, true],
      truth: (on) => on.made(),
      true: made,
    },
  ]),
];

describe('A fault of an answer, by its name', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());
  afterEach(() => simulator.clearFaults());

  proveFaults(() => simulator, answerFaults, cases);

  it('S092: is refused as a rule where it is always so', async () => {
    await expect(simulator.addNamedFault('batch-parts-shuffled')).rejects.toThrow(
      'it is always so: any batch',
    );
    await expect(simulator.addNamedFault('commit-then-505')).rejects.toThrow('Known are: consent-withdrawn,');
    await expect(simulator.addNamedFault('quota-403', { ms: 5 })).rejects.toThrow('nothing that lasts');
  });
});
