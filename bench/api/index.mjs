// M5: one's own grants, as often as the API answers them; against a bare Nest, and a bare Nest that asks the same SQL.
import { rmSync } from 'node:fs';
import { processorTime, timeBetween } from '../fleet/cpu.mjs';
import { onStage } from '../fleet/stage.mjs';
import { median } from '../lib/statistics.mjs';
import { beginReport } from '../lib/verdict.mjs';
import { withEndings } from '../lib/with-endings.mjs';
import { scratchDirectory } from '../../scripts/lib/scratch.mjs';
import { startBare, startLoad } from './programs.mjs';
import { recorder } from './recorder.mjs';

/** One technician with a grant at each of sixty customers: a page of twenty names twenty accounts. */
const SIZE = { customers: 60, each: 20 };
const ROUND_MS = { full: 5_000, small: 1_500 };
const AHEAD_MS = 6 * 3_600_000;
const PATH = '/api/v1/grants?limit=20';
const CONNECTIONS = 16;
const WARM_UP = 2;
/** What is started with a deployment's image. */
const PRODUCTION = { NODE_ENV: 'production' };

/** @returns {Promise<{ rows: string[][], reached: boolean }>} */
export const measure = ({ seed, small, repeats = small ? 3 : 8, profile = {} }) =>
  withEndings(async (atEnd) => {
    const report = beginReport('api', { seed, repeats, warmUp: WARM_UP });
    const folder = scratchDirectory('bench-api-statements');
    atEnd(() => rmSync(folder, { recursive: true, force: true }));
    const { environment, statementsOf } = recorder(folder);
    const order = {
      name: 'api',
      seed,
      size: SIZE,
      log: report.log,
      environment: { ...environment, ...PRODUCTION },
    };
    const samples = await onStage(order, async (stage) => {
      const { stack, fleet } = stage;
      await fleet.run(() => Date.now() + AHEAD_MS);
      const ours = { url: `${stack.api}${PATH}`, token: fleet.tokens.member };
      const statements = await statementsOf(stack.children.api.pid, ours);
      report.log(`a list is ${statements.length} statements`);
      // Anew, without what wrote its statements down.
      await stack.children.api.kill('SIGTERM');
      await stack.children.api.start({ ...PRODUCTION, NODE_OPTIONS: '', ...profile });
      const bare = await startBare({ statements, databaseUrl: stack.environment.DATABASE_URL });
      try {
        const sides = {
          curfew: ours,
          hello: { url: `${bare.url}/hello` },
          sql: { url: `${bare.url}/grants` },
        };
        return await playRounds({
          stack,
          bare,
          sides,
          repeats,
          report,
          ms: ROUND_MS[small ? 'small' : 'full'],
        });
      } finally {
        await bare.stop();
      }
    });
    return report.close(verdictsOf(samples), samples);
  });

const playRounds = async ({ stack, bare, sides, repeats, report, ms }) => {
  const load = startLoad({ connections: CONNECTIONS });
  const children = { api: stack.children.api, bare };
  const samples = [];
  try {
    for (let round = 0; round < repeats + WARM_UP; round += 1) {
      const played = {};
      // In turns, each time beginning with another one: whatever else befalls the machine meets all alike.
      for (const name of turned(Object.keys(sides), round)) {
        const before = processorTime({ children, postgres: stack.postgres });
        const run = await load.run({ ...sides[name], ms });
        played[name] = {
          ...run,
          ...timeBetween(before, processorTime({ children, postgres: stack.postgres })),
        };
      }
      const told = Object.entries(played).map(([name, { perSecond }]) => `${name} ${perSecond.toFixed(0)}/s`);
      report.log(`round ${round + 1}: ${told.join(', ')}`);
      if (round >= WARM_UP)
        samples.push(...Object.entries(played).map(([by, run]) => ({ round, by, ...run })));
    }
  } finally {
    load.stop();
  }
  return samples;
};

const turned = (names, by) => names.map((_, place) => names[(place + by) % names.length]);

const verdictsOf = (samples) => {
  const of = (name) => samples.filter(({ by }) => by === name);
  const [ours, hello, sql] = ['curfew', 'hello', 'sql'].map(of);
  const rates = (some) => some.map(({ perSecond }) => perSecond);
  const ratios = (some, others) => some.map(({ perSecond }, place) => perSecond / others[place].perSecond);
  const figure = { metric: 'M5', limit: '', goal: null, digits: 0 };
  // Where the kernel tells it.
  const cpuOf = (some, name) => some.map((run) => (run[`${name}Cpu`] ?? NaN) / run.requests);
  const bareCpu = median(cpuOf(sql, 'bare')).toFixed(2);
  return [
    {
      ...{
        ...figure,
        what: 'lists a second ÷ "hello" of a bare Nest',
        limit: median(ratios(sql, hello)).toFixed(2),
      },
      ...{ goal: 0.3, least: true, digits: 2, samples: ratios(ours, hello), naive: '1' },
    },
    {
      ...{
        ...figure,
        what: 'lists a second ÷ bare Nest with the same SQL in one transaction',
        limit: '1.00',
      },
      ...{ goal: 0.75, least: true, digits: 2, samples: ratios(ours, sql), naive: '1' },
    },
    {
      ...{ ...figure, what: 'p99 ÷ p50 of a list', goal: 3, digits: 2 },
      samples: ours.map(({ p50, p99 }) => p99 / p50),
      naive: median(sql.map(({ p50, p99 }) => p99 / p50)).toFixed(2),
    },
    { ...figure, what: 'lists a second', samples: rates(ours), naive: median(rates(sql)).toFixed(0) },
    {
      ...{ ...figure, what: "processor ms a list: the API's own", digits: 2, naive: bareCpu },
      samples: cpuOf(ours, 'api'),
    },
    {
      ...{ ...figure, what: "processor ms a list: PostgreSQL's", digits: 2 },
      samples: cpuOf(ours, 'postgres'),
      naive: median(cpuOf(sql, 'postgres')).toFixed(2),
    },
  ];
};
