import { writeFileSync } from 'node:fs';
import { readPlan } from './support/plan.js';
import { Soak } from './support/soak.js';

const MINUTE_MS = 60_000;
const SETUP_MS = 10 * MINUTE_MS;
/** Until everything has ended and is proven. */
const AFTERWARDS_MS = 20 * MINUTE_MS;
const plan = readPlan();

const tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

describe(`Soak of ${plan.minutes} minutes, with the queue on ${plan.queue}`, () => {
  let building: Promise<Soak>;
  let soak: Soak;

  beforeAll(async () => {
    building = Soak.build(plan, tell);
    soak = await building;
  }, SETUP_MS);

  afterAll(async () => (await building).close(), MINUTE_MS);

  it(
    'keeps every promise whatever befalls it',
    async () => {
      const report = await soak.run();
      const file = process.env['CURFEW_SOAK_REPORT'];
      if (file !== undefined) writeFileSync(file, JSON.stringify(report));
      expect([...Object.values(report.invariants).flat(), ...report.troubles].slice(0, 20)).toEqual([]);
    },
    plan.minutes * MINUTE_MS + AFTERWARDS_MS,
  );
});
