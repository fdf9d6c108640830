import type { DirectoryCall } from '#core/accounts';

/** `scrambled`: random and forgotten; `credential`: the sealed one that its technician may see. */
export type PasswordPurpose = 'scrambled' | 'credential';

type WithPassword = Extract<DirectoryCall, { do: 'createUser' | 'setPassword' }>;
type Unfilled<Call> = Call extends WithPassword
  ? Omit<Call, 'password'> & { readonly password: PasswordPurpose }
  : Call;

/** A directory call before its secret is put in: plans are values that may be printed. */
export type PlannedCall = Unfilled<DirectoryCall>;

/**
 * When a step goes out in a round: `first` of all accounts before anything else of any.
 * An account whose plan takes or reads anything gives nothing in that round. (I13)
 */
export type Phase = 'first' | 'then' | 'give';

export interface PlannedStep {
  /** Names the step within its account, the same in every plan: `assignRole:62e9…`. */
  readonly key: string;
  readonly phase: Phase;
  readonly call: PlannedCall;
  /** Nobody waits for it. */
  readonly unhurried?: true;
  /** Key of a step of the same phase that must have succeeded first. */
  readonly after?: string;
}

export const keyOf = (call: PlannedCall): string => {
  switch (call.do) {
    case 'addToGroup':
    case 'removeFromGroup':
      return `${call.do}:${call.groupId}`;
    case 'assignRole':
    case 'unassignRole':
    case 'assignRoleUntil':
    case 'changeTimedRole':
    case 'endTimedRole':
    case 'makeEligible':
    case 'endEligibility':
      return `${call.do}:${call.roleId}${(call.scope ?? '/') === '/' ? '' : `@${call.scope}`}`;
    case 'addToUnit':
    case 'removeFromUnit':
      return `${call.do}:${call.unitId}`;
    case 'deleteMethod':
      return `${call.do}:${call.method.id}`;
    case 'createUser':
    case 'findUser':
    case 'readUser':
    case 'listRoleAssignments':
    case 'listGroups':
    case 'listMethods':
    case 'listRoleSchedules':
    case 'listEligibilities':
    case 'enable':
    case 'disable':
    case 'revokeSessions':
    case 'setPassword':
    case 'deleteUser':
    case 'mintPass':
      return call.do;
  }
};

export const planned = (phase: Phase, call: PlannedCall, after?: string): PlannedStep => ({
  key: keyOf(call),
  phase,
  call,
  ...(after === undefined ? {} : { after }),
});

const reads: ReadonlySet<PlannedCall['do']> = new Set([
  'findUser',
  'readUser',
  'listRoleAssignments',
  'listGroups',
  'listMethods',
  'listRoleSchedules',
  'listEligibilities',
]);

export const isRead = (step: PlannedStep): boolean => reads.has(step.call.do);
/** It gives something, so what it gives must stand in `mayHold` before it leaves. */
export const isGiving = (step: PlannedStep): boolean => step.phase === 'give';
/** It takes something away. */
export const isTaking = (step: PlannedStep): boolean => !isGiving(step) && !isRead(step);

const giving: ReadonlySet<string> = new Set<PlannedCall['do']>([
  'createUser',
  'enable',
  'addToGroup',
  'assignRole',
  'assignRoleUntil',
  'makeEligible',
  'addToUnit',
  'mintPass',
]);

/** Whether the key can only be that of a step that gives; a password is set by either. */
export const isGivingKey = (key: string): boolean => giving.has(key.split(':')[0] ?? '');
