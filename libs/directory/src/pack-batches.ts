import type { DirectoryCall, DirectoryStep } from '#core/accounts';

/** One step's place in a batch. `dependsOn` is the ref of another part of the same batch. */
export interface Part {
  readonly step: DirectoryStep;
  readonly dependsOn: string | null;
}

/** Parts that travel as one HTTP call; a batch of one goes as a plain request. */
export type Batch = readonly Part[];

/** Batches that may travel at the same time. A wave is sent when the one before it is answered. */
export type Wave = readonly Batch[];

/** Graph's limit for $batch. Source: learn.microsoft.com/graph/json-batching. */
export const MOST_PARTS = 20;

/**
 * Groups steps into as few HTTP calls as Graph's rules allow.
 *
 * Graph takes `dependsOn` in three patterns only (known issues, "Request dependencies are limited"): parallel (none),
 * serial (each on the one before), same (all that state one state the same). Microsoft's own client reads "same"
 * strictly: every part but the first depends on the first. So a batch is one of: independent steps; one whole chain;
 * one step with all that wait for it. Into the last go, up to the limit, also independent giving calls for the same
 * user: a parked account's password, enable, groups and roles are one call, at the price that nothing is given when
 * the password is refused (424, `not_tried`: send again). Whatever takes access away is never made to wait.
 *
 * Steps whose predecessor had no place in the same batch (long chains, other trees) come in a later wave.
 * Throws `TypeError` for two steps with one ref, an `after` that names no step, and circles.
 */
export const packBatches = (steps: readonly DirectoryStep[]): readonly Wave[] => {
  const trees = treesOf(steps);
  const free = trees.flatMap((tree) => (tree.length === 1 ? tree : []));
  const { waves, left } = withChains(
    trees.filter((tree) => tree.length > 1),
    free,
  );
  const order = new Map(steps.map(({ ref }, index) => [ref, index]));
  const first = (batch: Batch): number => order.get(batch[0]?.step.ref ?? '') ?? 0;
  const byOrder = (batches: readonly Batch[]): Wave => [...batches].sort((a, b) => first(a) - first(b));
  const [opening = [], ...later] = waves;
  const parallel = chunks(left).map((chunk) => chunk.map((step): Part => ({ step, dependsOn: null })));
  return [[...opening, ...parallel], ...later].filter((wave) => wave.length > 0).map(byOrder);
};

interface Packed {
  readonly waves: Batch[][];
  /** Independent steps that no chain took along. */
  readonly left: readonly DirectoryStep[];
}

const withChains = (trees: readonly Tree[], free: readonly DirectoryStep[]): Packed => {
  const waves: Batch[][] = [];
  let left = free;
  for (const tree of trees) {
    const [[opening = []] = [], ...later] = wavesOf(tree);
    const taken = companions(tree, opening.length, left);
    left = left.filter((step) => !taken.includes(step));
    const along = taken.map((step): Part => ({ step, dependsOn: tree[0]?.ref ?? null }));
    [[[...opening, ...along]], ...later].forEach((wave, index) => (waves[index] ??= []).push(...wave));
  }
  return { waves, left };
};

/** Steps that hang together by `after`, the root first and each behind the one it waits for. */
type Tree = readonly DirectoryStep[];

const treesOf = (steps: readonly DirectoryStep[]): readonly Tree[] => {
  const byRef = new Map(steps.map((step) => [step.ref, step]));
  if (byRef.size < steps.length) throw new TypeError('Two steps have the same ref.');
  const children = new Map<string, DirectoryStep[]>();
  for (const step of steps) {
    if (step.after === undefined) continue;
    if (!byRef.has(step.after)) throw new TypeError(`${step.ref} waits for ${step.after}, which is no step.`);
    children.set(step.after, [...(children.get(step.after) ?? []), step]);
  }
  const below = (step: DirectoryStep): DirectoryStep[] => [
    step,
    ...(children.get(step.ref) ?? []).flatMap(below),
  ];
  const trees = steps.filter(({ after }) => after === undefined).map(below);
  if (trees.flat().length < steps.length) throw new TypeError('Steps wait for each other in a circle.');
  return trees;
};

const isSerial = (tree: Tree): boolean =>
  tree.every((step, index) => index === 0 || step.after === tree[index - 1]?.ref);
const isSame = (tree: Tree): boolean =>
  tree.every((step, index) => index === 0 || step.after === tree[0]?.ref);

/** One tree as waves; the first is always a single batch with the root in it. */
const wavesOf = (tree: Tree): readonly Wave[] => {
  if (isSerial(tree) || (isSame(tree) && tree.length <= MOST_PARTS))
    return chunks(tree).map((chunk) => [bound(chunk)]);
  const [root, ...rest] = tree;
  if (root === undefined) return [];
  // Neither pattern: the root alone, and then what it held up, tree by tree.
  const freed = rest.map((step) => (step.after === root.ref ? unbound(step) : step));
  const later = packBatches(freed).map((wave) =>
    wave.map((batch) => batch.map((part) => restored(part, rest))),
  );
  return [[bound([root])], ...later];
};

const unbound = ({ ref, call }: DirectoryStep): DirectoryStep => ({ ref, call });
const restored = (part: Part, originals: readonly DirectoryStep[]): Part => ({
  ...part,
  step: originals.find(({ ref }) => ref === part.step.ref) ?? part.step,
});

/** Parts depend on what they wait for, as far as it is in the same batch. */
const bound = (steps: readonly DirectoryStep[]): Batch =>
  steps.map((step) => ({
    step,
    dependsOn: steps.some(({ ref }) => ref === step.after) ? (step.after ?? null) : null,
  }));

const giving = new Set<DirectoryCall['do']>([
  'setPassword',
  'enable',
  'addToGroup',
  'assignRole',
  'assignRoleUntil',
  'changeTimedRole',
  'makeEligible',
]);
const userOf = ({ call }: DirectoryStep): string | null =>
  'user' in call && giving.has(call.do) ? call.user : null;

/** Independent giving calls for the same user that may wait for the tree's root. */
const companions = (tree: Tree, size: number, free: readonly DirectoryStep[]): readonly DirectoryStep[] => {
  const [root] = tree;
  const user = root === undefined ? null : userOf(root);
  if (user === null || !isSame(tree) || !tree.every((step) => userOf(step) === user)) return [];
  return free.filter((step) => userOf(step) === user).slice(0, Math.max(0, MOST_PARTS - size));
};

const chunks = <T>(items: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / MOST_PARTS) }, (_, index) =>
    items.slice(index * MOST_PARTS, (index + 1) * MOST_PARTS),
  );
