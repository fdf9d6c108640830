import type { DirectoryAnswer, DirectoryCall, StepOutcome } from '#core/accounts';
import { Secret, type ObjectId } from '#core/shared';
import type { TrueUser } from '../../../../test/support/simulator.js';
import type { NastyWorld } from './nasty-world.js';
import { ROLES } from './rig.js';

export const FIRST_PASSWORD = 'First-7-battery-staple';
export const PASSWORD = 'Second-8-horse-correct';
export const MARKER = 'mark-of-the-walk';
const BUDGET_MS = 10_000;
/** After so many rounds of giving, or of taking, something never came true. */
const MOST_ROUNDS = 8;
const [ROLE] = ROLES;

/** What is so in the tenant at one point of the walk; ids left out, as they differ from walk to walk. */
interface Milestone {
  readonly ours: readonly object[];
  readonly others: readonly object[];
  readonly opensByPassword: boolean;
  readonly opensByPass: boolean;
}

/** One thing to be told until it is so. */
interface Stretch {
  readonly tell: () => Promise<unknown>;
  readonly isSo: (seen: Seen) => boolean;
}

/** What a walk came to. */
export interface Walked {
  readonly given: Milestone;
  readonly taken: Milestone;
  /** Every pass that was told, the lost ones not. */
  readonly passes: readonly string[];
}

/**
 * One account from its making to its end, as a careful core goes about it: each half is a list of things that are to
 * be so, told and read back until they are. Nothing is taken for done because an answer said so.
 */
export class Walk {
  readonly #on: NastyWorld;
  readonly #upn: string;
  readonly #passes: string[] = [];
  #user: ObjectId | null = null;
  /** The one thing that can't be read back. */
  #hasPassword = false;

  constructor(on: NastyWorld) {
    this.#on = on;
    this.#upn = `jo@${on.world.domain}`;
  }

  async run(): Promise<Walked> {
    await this.#on.plantUser(`ceo@${this.#on.world.domain}`);
    this.#user = await this.#make();
    for (const { tell, isSo } of this.#giving()) await this.#until(tell, isSo);
    const given = await this.#milestone();
    await this.#until(() => this.#take(), isTaken);
    return { given, taken: await this.#milestone(), passes: this.#passes };
  }

  get #id(): ObjectId {
    if (this.#user === null) throw new Error('There is no account yet.');
    return this.#user;
  }

  async #make(): Promise<ObjectId> {
    const password = new Secret(FIRST_PASSWORD);
    const names = { upn: this.#upn, displayName: 'Jo', mailNickname: 'jo', marker: MARKER };
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const [outcome] = await this.#perform([{ do: 'createUser', ...names, password }]);
      if (outcome?.ok === true && outcome.answer.did === 'createUser') return outcome.answer.objectId;
    }
    throw new Error('No account was made.');
  }

  /** Who holds a role can't be enabled by an app without one: then the role comes last, else nobody is let in early. */
  #giving(): readonly Stretch[] {
    const user = this.#id;
    const role: DirectoryCall = { do: 'assignRole', user, roleId: ROLE };
    const enable = {
      tell: () => this.#perform([{ do: 'enable', user }]),
      isSo: ({ enabled }: Seen) => enabled,
    };
    const hasRole = { tell: () => this.#perform([role]), isSo: ({ roles }: Seen) => roles === 1 };
    return this.#on.mayTouchRoleHolders
      ? [{ tell: () => this.#give([role]), isSo: this.#isGiven(1) }, enable]
      : [{ tell: () => this.#give([]), isSo: this.#isGiven(0) }, enable, hasRole];
  }

  async #give(roles: readonly DirectoryCall[]): Promise<void> {
    const user = this.#id;
    const outcomes = await this.#perform([
      { do: 'setPassword', user, password: new Secret(PASSWORD) },
      ...this.#on.groups.map((groupId): DirectoryCall => ({ do: 'addToGroup', user, groupId })),
      ...roles,
    ]);
    this.#hasPassword ||= outcomes.some(({ ok, ref }) => ok && ref.startsWith('setPassword'));
    const mint = { do: 'mintPass', user, lifetimeMinutes: 480, usableOnce: false } as const;
    for (const outcome of await this.#perform([mint])) {
      if (outcome.ok && outcome.answer.did === 'mintPass')
        this.#passes.push(outcome.answer.minted.pass.expose());
    }
  }

  readonly #isGiven =
    (roleCount: number) =>
    (seen: Seen): boolean =>
      seen.isComplete &&
      this.#hasPassword &&
      seen.roles === roleCount &&
      seen.groups === this.#on.groups.length &&
      seen.methods.length === 1;

  async #take(): Promise<void> {
    const user = this.#id;
    const { methods } = await this.#look();
    await this.#perform([
      { do: 'disable', user },
      { do: 'revokeSessions', user },
      { do: 'unassignRole', user, roleId: ROLE, assignmentId: null },
      ...this.#on.groups.map((groupId): DirectoryCall => ({ do: 'removeFromGroup', user, groupId })),
      ...methods.map((method): DirectoryCall => ({ do: 'deleteMethod', user, method })),
    ]);
  }

  /** Tells, and reads back, until it is so. */
  async #until(tell: () => Promise<unknown>, isSo: (seen: Seen) => boolean): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      await tell();
      if (isSo(await this.#look())) return;
    }
    throw new Error(`It never came true: ${JSON.stringify(await this.#look())}`);
  }

  async #look(): Promise<Seen> {
    const user = this.#id;
    const outcomes = await this.#perform([
      { do: 'readUser', user },
      { do: 'listRoleAssignments', user },
      { do: 'listGroups', user },
      { do: 'listMethods', user },
    ]);
    return seenIn(outcomes.flatMap((outcome) => (outcome.ok ? [outcome.answer] : [])));
  }

  #perform(calls: readonly DirectoryCall[]): Promise<readonly StepOutcome[]> {
    const { app } = this.#on.world;
    const steps = calls.map((call, at) => ({ ref: `${call.do} ${at}`, call }));
    return this.#on.patient.perform(app, steps, BUDGET_MS);
  }

  /** When the last writes have reached everybody. */
  async #milestone(): Promise<Milestone> {
    this.#on.wait(120_000);
    const { users } = await this.#on.truth();
    const pass = this.#passes.at(-1) ?? '';
    return {
      ours: users.filter(({ extensionAttribute15 }) => extensionAttribute15 === MARKER).map(told),
      others: users.filter(({ extensionAttribute15 }) => extensionAttribute15 !== MARKER).map(told),
      opensByPassword: await this.#on.signsIn(this.#upn, { password: PASSWORD }),
      opensByPass: await this.#on.signsIn(this.#upn, { temporaryAccessPass: pass }),
    };
  }
}

const told = (user: TrueUser): object => ({
  upn: user.userPrincipalName,
  enabled: user.accountEnabled,
  roles: user.roles.map(({ id }) => id).sort(),
  groups: user.groups.map(({ name }) => name).sort(),
  usablePasses: user.passes.filter(({ isUsable }) => isUsable).length,
  methods: user.methods.length,
});

/** What reads showed; what they did not is as good as the opposite of what is wished for. */
interface Seen {
  readonly isComplete: boolean;
  readonly enabled: boolean;
  readonly roles: number;
  readonly groups: number;
  readonly methods: Extract<DirectoryAnswer, { did: 'listMethods' }>['methods'];
}

const seenIn = (answers: readonly DirectoryAnswer[]): Seen => ({
  isComplete: answers.length === 4,
  enabled: answers.some((answer) => answer.did === 'readUser' && answer.user?.enabled === true),
  roles: answers.flatMap((answer) => (answer.did === 'listRoleAssignments' ? answer.roles : [])).length,
  groups: answers.flatMap((answer) => (answer.did === 'listGroups' ? answer.groups : [])).length,
  methods: answers.flatMap((answer) => (answer.did === 'listMethods' ? answer.methods : [])),
});

const isTaken = (seen: Seen): boolean =>
  seen.isComplete && !seen.enabled && seen.roles + seen.groups + seen.methods.length === 0;
