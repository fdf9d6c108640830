import fc from 'fast-check';
import type { DirectoryCall, DirectoryStep } from '#core/accounts';
import { idOf, Secret, type ObjectId } from '#core/shared';
import { MOST_PARTS, packBatches, type Batch, type Wave } from './pack-batches.js';

const password = new Secret('x');
const callFor = (kind: DirectoryCall['do'], user: ObjectId): DirectoryCall => {
  const calls: Partial<Record<DirectoryCall['do'], DirectoryCall>> = {
    setPassword: { do: 'setPassword', user, password },
    addToGroup: { do: 'addToGroup', user, groupId: idOf('g') },
    assignRole: { do: 'assignRole', user, roleId: idOf('r') },
    enable: { do: 'enable', user },
    disable: { do: 'disable', user },
    revokeSessions: { do: 'revokeSessions', user },
  };
  return calls[kind] ?? { do: 'readUser', user };
};
const GIVING = ['setPassword', 'enable', 'addToGroup', 'assignRole'] as const;
const KINDS = [...GIVING, 'disable', 'revokeSessions', 'readUser'] as const;

/** Any forest of steps: each waits for none or for one before it, and then they are shuffled. */
const plans = fc
  .array(
    fc.record({
      kind: fc.constantFrom(...KINDS),
      user: fc.constantFrom('a', 'b'),
      parent: fc.option(fc.nat(), { freq: 2 }),
    }),
    {
      maxLength: 90,
    },
  )
  .map((drafts) =>
    drafts.map(({ kind, user, parent }, at): DirectoryStep => {
      const step = { ref: `s${at}`, call: callFor(kind, idOf(user)) };
      return parent === null || at === 0 ? step : { ...step, after: `s${parent % at}` };
    }),
  )
  .chain((steps) => fc.shuffledSubarray(steps, { minLength: steps.length }));

const parts = (waves: readonly Wave[]): Batch => waves.flat(2);
const refs = (batch: Batch): readonly string[] => batch.map(({ step }) => step.ref);

/** Microsoft's three patterns, "same" as strictly as Microsoft's own client takes it. */
const isAllowed = (batch: Batch): boolean => {
  const [first, ...rest] = batch;
  const parallel = batch.every(({ dependsOn }) => dependsOn === null);
  const serial =
    first?.dependsOn === null && rest.every(({ dependsOn }, at) => dependsOn === batch[at]?.step.ref);
  const same = first?.dependsOn === null && rest.every(({ dependsOn }) => dependsOn === first.step.ref);
  return parallel || serial || same;
};

describe('packBatches', () => {
  it('places every step exactly once, unchanged', () => {
    fc.assert(
      fc.property(plans, (steps) => {
        const placed = parts(packBatches(steps)).map(({ step }) => step);

        expect(placed).toHaveLength(steps.length);
        expect(new Set(placed)).toEqual(new Set(steps));
      }),
    );
  });

  it('keeps to twenty parts and to the patterns that Graph takes', () => {
    fc.assert(
      fc.property(plans, (steps) => {
        for (const batch of packBatches(steps).flat()) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(MOST_PARTS);
          expect(isAllowed(batch)).toBe(true);
        }
      }),
    );
  });

  it('puts what a step waits for before it: in its own batch as its dependency, or in an earlier wave', () => {
    fc.assert(
      fc.property(plans, (steps) => {
        const waves = packBatches(steps);
        const waveOf = (ref: string): number =>
          waves.findIndex((wave) => wave.some((batch) => refs(batch).includes(ref)));
        for (const batch of waves.flat()) {
          for (const { step, dependsOn } of batch.filter((part) => part.step.after !== undefined)) {
            const after = step.after ?? '';
            expect(dependsOn === after || waveOf(after) < waveOf(step.ref)).toBe(true);
          }
        }
      }),
    );
  });

  it('makes nothing wait that takes access away, and nothing for another user', () => {
    fc.assert(
      fc.property(plans, (steps) => {
        const byRef = new Map(steps.map((step) => [step.ref, step]));
        for (const { step, dependsOn } of parts(packBatches(steps))) {
          if (dependsOn === null || step.after !== undefined) continue;
          const other = byRef.get(dependsOn)?.call;
          expect(GIVING as readonly string[]).toContain(step.call.do);
          expect(
            'user' in step.call && other !== undefined && 'user' in other && step.call.user === other.user,
          ).toBe(true);
        }
      }),
    );
  });

  it('sends independent steps in as few batches as there can be, in their order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 130 }), (count) => {
        const steps = Array.from({ length: count }, (_, at): DirectoryStep => ({
          ref: `${at}`,
          call: callFor('disable', idOf('a')),
        }));

        const waves = packBatches(steps);

        expect(waves.flat()).toHaveLength(Math.ceil(count / MOST_PARTS));
        expect(waves.length).toBeLessThanOrEqual(1);
        expect(refs(parts(waves))).toEqual(refs(steps.map((step) => ({ step, dependsOn: null }))));
      }),
    );
  });

  it("takes a parked account's groups and roles along with its password and enable, as one batch", () => {
    const user: ObjectId = idOf('u');
    const steps: DirectoryStep[] = [
      { ref: 'in', call: callFor('addToGroup', user) },
      { ref: 'password', call: callFor('setPassword', user) },
      { ref: 'on', call: callFor('enable', user), after: 'password' },
      { ref: 'as', call: callFor('assignRole', user) },
    ];

    const waves = packBatches(steps);

    expect(waves).toHaveLength(1);
    expect(waves[0]?.map((batch) => batch.map(({ step, dependsOn }) => [step.ref, dependsOn]))).toEqual([
      [
        ['password', null],
        ['on', 'password'],
        ['in', 'password'],
        ['as', 'password'],
      ],
    ]);
  });

  it('keeps a chain together and lets its end wait for an earlier wave only when it is too long', () => {
    const chain = Array.from({ length: 25 }, (_, at): DirectoryStep => {
      const step = { ref: `${at}`, call: callFor('disable', idOf('u')) };
      return at === 0 ? step : { ...step, after: `${at - 1}` };
    });

    expect(packBatches(chain.slice(0, 20)).map((wave) => wave.map(({ length }) => length))).toEqual([[20]]);
    expect(packBatches(chain).map((wave) => wave.map(({ length }) => length))).toEqual([[20], [5]]);
  });

  it('refuses what no order can carry out', () => {
    const call = callFor('disable', idOf('u'));

    expect(() => packBatches([{ ref: 'a', call, after: 'a' }])).toThrow(TypeError);
    expect(() => packBatches([{ ref: 'a', call, after: 'nowhere' }])).toThrow(TypeError);
    expect(() =>
      packBatches([
        { ref: 'a', call },
        { ref: 'a', call },
      ]),
    ).toThrow(TypeError);
  });
});
