import type { AllStores } from '#core/access';
import type {
  Directory,
  DirectoryAnswer,
  DirectoryStep,
  ManagedAccountStore,
  StepOutcome,
} from '#core/accounts';
import type { Claim, UnitOfWork } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import type { Plant } from './play.js';

/** The same transactions, with other hands on the accounts. */
const withAccounts =
  (change: (inner: ManagedAccountStore) => Partial<ManagedAccountStore>) =>
  (inner: UnitOfWork<AllStores>): UnitOfWork<AllStores> => ({
    clockwork: inner.clockwork,
    inOrganization: (id, work) =>
      inner.inOrganization(id, (stores) => {
        const changed = change(stores.accounts);
        const accounts = new Proxy(stores.accounts, {
          get: (target, key): unknown => {
            if (key in changed) return Reflect.get(changed, key);
            const value: unknown = Reflect.get(target, key);
            return typeof value === 'function' ? (value.bind(target) as unknown) : value;
          },
        });
        return work({ ...stores, accounts });
      }),
  });

/** Whoever claimed an account once may write to it for ever. */
export const claimWithoutEpoch: Plant = {
  unitOfWork: withAccounts((inner) => {
    const renewed = (claims: readonly Claim[]): Promise<readonly Claim[]> =>
      Promise.all(
        claims.map(async (claim) => ({
          ...claim,
          epoch: (await inner.get(claim.accountId))?.epoch ?? claim.epoch,
        })),
      );
    return {
      lock: async (claims) => inner.lock(await renewed(claims)),
      record: async (claims, accounts) => inner.record(await renewed(claims), accounts),
    };
  }),
};

/** What may be given is written down when it has been given. */
export const enableWithoutMayHold: Plant = {
  // What comes to rest is written with its rest.
  unitOfWork: withAccounts(() => ({
    record: (_claims, accounts) => Promise.resolve(accounts.map(({ id }) => id)),
  })),
};

/** What was answered as done is read back as done, whatever Entra has. */
export const trustsAnswers: Plant = {
  directory: (inner) => new Believing(inner),
};

/** A directory that answers readings from what it was told. */
class Believing implements Directory {
  readonly #gone = new Set<string>();

  constructor(private readonly inner: Directory) {}

  inspect(app: EntraApp, timeoutMs: number): ReturnType<Directory['inspect']> {
    return this.inner.inspect(app, timeoutMs);
  }

  async perform(
    app: EntraApp,
    steps: readonly DirectoryStep[],
    timeoutMs: number,
  ): Promise<readonly StepOutcome[]> {
    const outcomes = await this.inner.perform(app, steps, timeoutMs);
    return outcomes.map((outcome) => {
      const step = steps.find(({ ref }) => ref === outcome.ref);
      if (!outcome.ok || step === undefined || !('user' in step.call)) return outcome;
      const who = `${app.tenantId} ${step.call.user}`;
      this.#learn(who, step);
      return { ...outcome, answer: this.#believed(who, outcome.answer) };
    });
  }

  #learn(who: string, { call }: DirectoryStep): void {
    if (call.do === 'disable') this.#gone.add(`${who} enabled`);
    if (call.do === 'enable') this.#gone.delete(`${who} enabled`);
    if (call.do === 'unassignRole') this.#gone.add(`${who} ${call.roleId}`);
    if (call.do === 'assignRole' || call.do === 'assignRoleUntil') this.#gone.delete(`${who} ${call.roleId}`);
    if (call.do === 'removeFromGroup') this.#gone.add(`${who} ${call.groupId}`);
    if (call.do === 'addToGroup') this.#gone.delete(`${who} ${call.groupId}`);
  }

  #believed(who: string, answer: DirectoryAnswer): DirectoryAnswer {
    const isGone = (what: string): boolean => this.#gone.has(`${who} ${what}`);
    switch (answer.did) {
      case 'readUser':
        return answer.user === null || !isGone('enabled')
          ? answer
          : { ...answer, user: { ...answer.user, enabled: false } };
      case 'listRoleAssignments':
        return { ...answer, roles: answer.roles.filter(({ roleId }) => !isGone(roleId)) };
      case 'listGroups':
        return { ...answer, groups: answer.groups.filter((id) => !isGone(id)) };
      default:
        return answer;
    }
  }
}
