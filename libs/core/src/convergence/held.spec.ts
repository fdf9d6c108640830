import fc from 'fast-check';
import { HOLDS_NOTHING, type Certainty, type MayHold } from '#core/accounts';
import { idOf, type GroupId, type ObjectId, type RoleId } from '#core/shared';
import { beforeGiving, notGiven, worstOf } from './held.js';
import { planned, type PlannedCall, type PlannedStep } from './planned-step.js';

const user: ObjectId = idOf('user');
const READER: RoleId = idOf('reader');
const NOW = Date.UTC(2026, 0, 5, 12);
const HELPDESK: GroupId = idOf('helpdesk');

const certainty = fc.constantFrom<Certainty>('maybe', 'held');
const held: fc.Arbitrary<MayHold> = fc.record({
  object: fc.option(certainty),
  enabled: fc.option(certainty),
  roles: fc.oneof(
    fc.constant({}),
    fc.record({ certainty, assignmentId: fc.option(fc.constant('a')) }).map((role) => ({ [READER]: role })),
  ),
  groups: fc.oneof(
    fc.constant({}),
    certainty.map((sure) => ({ [HELPDESK]: sure })),
  ),
  pass: fc.option(fc.record({ certainty, passId: fc.option(fc.constant('p')) })),
  password: fc.option(certainty),
  sessions: fc.boolean(),
  methods: fc.boolean(),
});

const giving: readonly PlannedCall[] = [
  { do: 'createUser', upn: 'a@b', displayName: 'A', mailNickname: 'a', marker: 'm', password: 'credential' },
  { do: 'createUser', upn: 'a@b', displayName: 'A', mailNickname: 'a', marker: 'm', password: 'scrambled' },
  { do: 'enable', user },
  { do: 'setPassword', user, password: 'credential' },
  { do: 'setPassword', user, password: 'scrambled' },
  { do: 'addToGroup', user, groupId: HELPDESK },
  { do: 'assignRole', user, roleId: READER },
  { do: 'mintPass', user, lifetimeMinutes: 60, usableOnce: false },
];
const gives = giving.map((call) => planned('give', call));
const steps = fc.subarray(gives);

/** All that may be there, by name. */
const named = ({ roles, groups, ...rest }: MayHold): readonly string[] => [
  ...Object.entries(rest).flatMap(([name, possible]) => (possible ? [name] : [])),
  ...Object.keys(roles),
  ...Object.keys(groups),
];
const covers = (more: MayHold, less: MayHold): boolean =>
  named(less).every((name) => named(more).includes(name));

const stepOf = (name: PlannedCall['do']): PlannedStep => {
  const found = gives.find(({ call }) => call.do === name);
  if (found === undefined) throw new Error(`No ${name}.`);
  return found;
};

describe('what must stand in the row before giving steps leave', () => {
  it('is raised and never lowered', () => {
    fc.assert(
      fc.property(held, steps, (before, leaving) => {
        expect(covers(beforeGiving(before, leaving, NOW), before)).toBe(true);
      }),
    );
  });

  it('names all that the steps may give', () => {
    const raised = beforeGiving(HOLDS_NOTHING, gives, NOW);
    expect(raised).toEqual({
      object: 'maybe',
      enabled: 'maybe',
      roles: { [READER]: { certainty: 'maybe', assignmentId: null } },
      groups: { [HELPDESK]: 'maybe' },
      pass: { certainty: 'maybe', passId: null },
      password: 'maybe',
      sessions: true,
      methods: true,
    });
  });

  it('expects of an enable that somebody signs in, registers methods and changes the password', () => {
    expect(beforeGiving(HOLDS_NOTHING, [stepOf('enable')], NOW)).toEqual({
      ...HOLDS_NOTHING,
      enabled: 'maybe',
      sessions: true,
      methods: true,
      password: 'maybe',
    });
  });

  it('keeps what is already certain, with the id of its assignment', () => {
    const before: MayHold = {
      ...HOLDS_NOTHING,
      object: 'held',
      enabled: 'held',
      roles: { [READER]: { certainty: 'held', assignmentId: 'a' } },
      groups: { [HELPDESK]: 'held' },
    };
    const { object, enabled, roles, groups } = beforeGiving(before, gives, NOW);
    expect({ object, enabled, roles, groups }).toEqual({
      object: 'held',
      enabled: 'held',
      roles: before.roles,
      groups: before.groups,
    });
  });

  it('is not changed by what takes or reads', () => {
    fc.assert(
      fc.property(held, (before) => {
        const others = [
          planned('first', { do: 'disable', user }),
          planned('then', { do: 'setPassword', user, password: 'scrambled' }),
          planned('then', { do: 'readUser', user }),
        ];
        expect(beforeGiving(before, others, NOW)).toEqual(before);
      }),
    );
  });
});

describe('a giving step that was refused outright', () => {
  it.each(['createUser', 'enable', 'addToGroup', 'assignRole'] as const)(
    'leaves nothing of %s behind that was not there before',
    (name) => {
      fc.assert(
        fc.property(held, (any) => {
          const before = name === 'enable' ? { ...any, enabled: null } : any;
          const raised = beforeGiving(before, [stepOf(name)], NOW);
          expect(notGiven(raised, before, stepOf(name))).toEqual(before);
        }),
      );
    },
  );

  it('does not make an account disabled that may have been enabled before', () => {
    const before: MayHold = { ...HOLDS_NOTHING, enabled: 'maybe' };
    const raised = beforeGiving(before, [stepOf('enable')], NOW);
    expect(notGiven(raised, before, stepOf('enable'))).toEqual(raised);
  });

  it('leaves a password that was set before it set', () => {
    const raised: MayHold = { ...beforeGiving(HOLDS_NOTHING, [stepOf('enable')], NOW), password: 'held' };
    expect(notGiven(raised, HOLDS_NOTHING, stepOf('enable'))).toMatchObject({
      enabled: null,
      password: 'held',
    });
  });

  it('takes back no more than its own', () => {
    const raised = beforeGiving(HOLDS_NOTHING, gives, NOW);
    const left = notGiven(raised, HOLDS_NOTHING, stepOf('assignRole'));
    expect(left).toEqual({ ...raised, roles: {} });
  });
});

describe('the worst of two', () => {
  it('has everything that either may hold', () => {
    fc.assert(
      fc.property(held, held, (one, other) => {
        const worst = worstOf(one, other);
        expect(covers(worst, one)).toBe(true);
        expect(covers(worst, other)).toBe(true);
      }),
    );
  });

  it('takes nothing for certain that only a lost claimant remembers', () => {
    const remembered: MayHold = {
      ...HOLDS_NOTHING,
      object: 'held',
      enabled: 'held',
      roles: { [READER]: { certainty: 'held', assignmentId: 'a' } },
      groups: { [HELPDESK]: 'held' },
    };
    expect(worstOf(HOLDS_NOTHING, remembered)).toEqual({
      ...remembered,
      object: 'maybe',
      enabled: 'maybe',
      roles: { [READER]: { certainty: 'maybe', assignmentId: 'a' } },
      groups: { [HELPDESK]: 'maybe' },
    });
  });

  it('has nothing that neither may hold, and of one and the same is the same', () => {
    fc.assert(
      fc.property(held, (one) => {
        expect(worstOf(one, one)).toEqual(one);
        expect(worstOf(one, HOLDS_NOTHING)).toEqual(one);
      }),
    );
  });
});
