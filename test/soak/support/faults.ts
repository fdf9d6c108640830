import { withRedis } from '../../faults/support/bells.js';
import type { FaultGround, Queue } from '../../faults/support/ground.js';
import type { NetworkState } from '../../support/stack.js';
import type { Condition } from './fault-log.js';
import type { Servant, Servants } from './servants.js';

export interface Scene {
  readonly ground: FaultGround;
  readonly servants: Servants;
  /** Whom a fault of Graph befalls. */
  readonly tenants: readonly string[];
}

export interface Fault {
  readonly kind: string;
  readonly queue?: Queue;
  /** How long, in seconds; 0: it happens once. */
  readonly lasts: readonly [number, number];
  readonly breaks?: readonly Condition[];
  /** It befalls some customers alone. */
  readonly isPartial?: boolean;
  /** For how much longer Graph asks to be left alone, or keeps what it was asked. */
  readonly lingersMs?: number;
  /** Answers how it is healed. */
  readonly begin: (scene: Scene) => Promise<() => Promise<void>>;
}

const nothing = (): Promise<void> => Promise.resolve();
const each = async (names: readonly Servant[], work: (name: Servant) => Promise<void>): Promise<void> => {
  for (const name of names) await work(name);
};
const broken = (names: readonly Servant[]): readonly Condition[] =>
  names.filter((name): name is 'worker' | 'revoker' => name !== 'api');

const killed = (...names: readonly Servant[]): Fault => ({
  kind: `${names.join(' and ')} killed`,
  lasts: [5, 25],
  breaks: broken(names),
  begin: async ({ servants }) => {
    await each(names, (name) => servants.kill(name));
    return () => each(names, (name) => servants.start(name));
  },
});

const frozen = (...names: readonly Servant[]): Fault => ({
  kind: `${names.join(' and ')} frozen`,
  lasts: [5, 40],
  breaks: broken(names),
  begin: async ({ servants }) => {
    await each(names, (name) => servants.freeze(name));
    return () => each(names, (name) => servants.thaw(name));
  },
});

const network = (
  server: 'database' | 'queue',
  state: NetworkState,
  lasts: readonly [number, number],
): Fault => ({
  kind: `the ${server}'s network: ${state}`,
  lasts,
  breaks: server === 'database' && (state === 'silent' || state === 'refuse') ? ['database'] : [],
  begin: async ({ ground: { stack } }) => {
    await stack.network(server, state);
    return () => stack.network(server, 'pass');
  },
});

/** What befalls processes, servers and the network between them. */
export const MACHINE_FAULTS: readonly Fault[] = [
  killed('worker'),
  killed('revoker'),
  killed('api'),
  killed('worker', 'api'),
  killed('worker', 'revoker'),
  frozen('worker'),
  frozen('revoker'),
  frozen('api'),
  frozen('worker', 'api'),
  network('queue', 'silent', [10, 40]),
  network('queue', 'refuse', [10, 40]),
  network('queue', 'slow', [10, 30]),
  network('queue', 'cut', [0, 0]),
  network('queue', 'stale', [0, 0]),
  network('database', 'silent', [5, 30]),
  network('database', 'refuse', [5, 30]),
  network('database', 'slow', [5, 20]),
  network('database', 'cut', [0, 0]),
  network('database', 'stale', [0, 0]),
  {
    kind: 'PostgreSQL dies at once and recovers',
    lasts: [0, 0],
    breaks: ['database'],
    begin: async ({ ground: { stack } }) => {
      await stack.postgres('crash');
      return () => stack.postgres('restart');
    },
  },
  {
    kind: 'PostgreSQL frozen',
    lasts: [5, 20],
    breaks: ['database'],
    begin: async ({ ground: { stack } }) => {
      await stack.postgres('pause');
      return () => stack.postgres('resume');
    },
  },
  {
    kind: 'the revoker killed, and the database silent',
    lasts: [5, 15],
    breaks: ['revoker', 'database'],
    begin: async ({ ground: { stack }, servants }) => {
      await servants.kill('revoker');
      await stack.network('database', 'silent');
      return async () => {
        await stack.network('database', 'pass');
        await servants.start('revoker');
      };
    },
  },
  {
    kind: 'Redis emptied',
    queue: 'redis',
    lasts: [0, 0],
    begin: async ({ ground }) => {
      await withRedis(ground, (redis) => redis.flushall());
      return nothing;
    },
  },
  {
    kind: 'Redis stopped',
    queue: 'redis',
    lasts: [5, 40],
    begin: async ({ ground: { stack } }) => {
      await stack.redis('stop');
      return () => stack.redis('start');
    },
  },
  {
    kind: 'Redis as it was some seconds ago',
    queue: 'redis',
    lasts: [5, 25],
    begin: async ({ ground: { stack } }) => {
      await stack.redis('keep');
      return () => stack.redis('rewind');
    },
  },
];

type Rule = Parameters<FaultGround['stack']['simulator']['addFault']>[0];

const graph = (
  kind: string,
  rule: Rule,
  how: Pick<Fault, 'lasts' | 'breaks' | 'isPartial' | 'lingersMs'>,
): Fault => ({
  kind: `Graph: ${kind}`,
  ...how,
  begin: async ({ ground, tenants }) => {
    const { simulator } = ground.stack;
    const ids: string[] = [];
    const rules: readonly Rule[] = how.isPartial
      ? tenants.map((tenantId) => ({ ...rule, tenantId }))
      : [rule];
    for (const each of rules) ids.push((await simulator.addFault(each)).id);
    return async () => {
      for (const id of ids.splice(0)) await simulator.clearFaults(id);
    };
  },
});

const WRITES = { method: 'write' };
const ALL = { path: '/**' };
const SOME = { isPartial: true, breaks: ['graph'] } as const;
const RETRY_AFTER_SECONDS = 5;
const BLACK_HOLE_MS = 30_000;
/** Sparsely: each try of a batch has many chances to be hit. */
const SPARSELY = { probability: 0.05 };
const named = (name: string, lasts: readonly [number, number]): Fault =>
  graph(name, { named: name, ...SPARSELY, times: 60 }, { lasts });

/** What befalls Graph. */
export const GRAPH_FAULTS: readonly Fault[] = [
  graph(
    'some customers are throttled, and told for how long',
    { match: ALL, effect: { status: 429, retryAfter: RETRY_AFTER_SECONDS } },
    { ...SOME, lasts: [15, 40], lingersMs: 1_000 * RETRY_AFTER_SECONDS },
  ),
  graph(
    'some customers are throttled, and not told for how long',
    { match: ALL, effect: { status: 429 } },
    { ...SOME, lasts: [15, 40] },
  ),
  graph(
    'away for some customers (503)',
    { match: ALL, effect: { status: 503, code: 'serviceNotAvailable' } },
    { ...SOME, lasts: [15, 40] },
  ),
  graph(
    'away for everybody (503)',
    { match: ALL, effect: { status: 503, code: 'serviceNotAvailable' } },
    { breaks: ['graph'], lasts: [5, 20] },
  ),
  graph(
    'some customers are a black hole',
    { match: ALL, effect: { slowMs: BLACK_HOLE_MS } },
    { ...SOME, lasts: [10, 30], lingersMs: BLACK_HOLE_MS },
  ),
  graph('slow', { match: ALL, probability: 0.5, effect: { slowMs: 2_000 } }, { lasts: [10, 30] }),
  graph(
    'carried out, and the answer lost',
    { match: WRITES, ...SPARSELY, effect: { cut: 'after-commit' } },
    { lasts: [15, 40] },
  ),
  graph(
    'cut before it is carried out',
    { match: WRITES, ...SPARSELY, effect: { cut: 'before-commit' } },
    { lasts: [15, 40] },
  ),
  named('429-part-of-batch', [15, 40]),
  named('carried-out-although-429', [15, 40]),
  named('503-mid-write', [15, 40]),
  named('half-a-batch-then-cut', [15, 40]),
  named('batch-envelope-503', [15, 40]),
  named('truncated-json', [15, 40]),
  named('html-with-200', [15, 40]),
  named('duplicate-delivery', [15, 40]),
  named('204-but-not-yet', [15, 40]),
  named('concurrency-409', [15, 40]),
  named('replica-flapping', [15, 40]),
  named('spurious-401', [15, 40]),
];
