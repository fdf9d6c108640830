import { FaultGround, type Queue } from './ground.js';
import { latenessOf, writeReport, type Report } from './report.js';

const SETUP_MS = 300_000;
const MINUTE_MS = 60_000;

export interface FaultScenario {
  /** As in docs/faults.md. */
  readonly number: number;
  readonly title: string;
  /** Default: both. */
  readonly queues?: readonly Queue[];
  /** On which it is played with every test, if it is one of those (jest.config.mjs). Default: PostgreSQL. */
  readonly always?: readonly Queue[];
  readonly customers?: number;
  readonly technicians?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** The most that it takes. */
  readonly minutes: number;
  /** Injects its fault and asserts what is special to it; the invariants are judged afterwards. */
  readonly play: (ground: FaultGround) => Promise<void>;
}

/** Which queues the run wants; both unless it says otherwise. */
const wanted = ({ always = ['postgres'] }: FaultScenario): readonly Queue[] => {
  const only = process.env['CURFEW_FAULTS_QUEUE'];
  if (only === 'always') return always;
  return only === 'postgres' || only === 'redis' ? [only] : ['postgres', 'redis'];
};

const failureOf = async (play: Promise<void>): Promise<Error | null> => {
  try {
    await play;
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
};

/** One scenario as a suite: the same ground and the same judgement for each. */
export const faultScenario = (scenario: FaultScenario): void => {
  const { queues = ['postgres', 'redis'], number, title, minutes } = scenario;
  const chosen = queues.filter((queue) => wanted(scenario).includes(queue));
  // A scenario that exists on one queue alone is played there whatever the run prefers.
  const played = chosen.length > 0 ? chosen : queues;

  describe.each(played)(`${number}. ${title}, with the queue on %s`, (queue) => {
    let building: Promise<FaultGround>;
    let ground: FaultGround;

    beforeAll(async () => {
      const { customers = 8, technicians = 5, environment = {} } = scenario;
      building = FaultGround.build({ queue, customers, technicians, environment });
      ground = await building;
    }, SETUP_MS);

    // Also one that is still being built when nobody waits any longer: it would run on beside the others.
    afterAll(async () => (await building).close(), MINUTE_MS);

    it(
      'keeps every promise',
      async () => {
        const failure = await failureOf(scenario.play(ground));
        const report: Report = {
          number,
          title,
          queue,
          lateness: latenessOf(await ground.lateness()),
          invariants: await ground.judge(),
          failure: failure?.message ?? null,
        };
        writeReport(report);
        if (failure !== null) throw failure;
        expect(Object.values(report.invariants).flat()).toEqual([]);
      },
      (minutes + 1) * MINUTE_MS,
    );
  });
};
