import type { DirectoryAnswer, DirectoryCall, DirectoryStep, StepOutcome } from '#core/accounts';
import { idOf, Secret, type GroupId, type ObjectId, type RoleId } from '#core/shared';
import {
  answerOf,
  only,
  verdictOf,
  type DirectoryWorld,
  type MakeWorld,
  type TenantWish,
} from './directory-world.contract.js';

/** User Administrator, Helpdesk Administrator: ids are the same in every tenant, and both can be given in a unit. */
export const ROLES: readonly [RoleId, RoleId] = [
  idOf('fe930be7-5e62-47db-91af-98c3a49a38b1'),
  idOf('729827e3-9c14-49f7-bb1b-9608f156bbb8'),
];
export const [ROLE] = ROLES;
export const NOBODY: ObjectId = idOf('99999999-9999-4999-8999-999999999999');
export const NO_GROUP: GroupId = idOf('88888888-8888-4888-8888-888888888888');
export const BUDGET_MS = 10_000;
export const STRONG = new Secret('Correct-7-horse-battery');
export const OTHER = new Secret('Staple-8-correct-horse');

type SeenUser = Extract<DirectoryAnswer, { did: 'findUser' | 'readUser' }>['user'];

/** What every part of the contract does again and again, in a world of its own for each test. */
export class DirectoryBench {
  readonly #makeWorld: MakeWorld;
  #world: DirectoryWorld | null = null;

  constructor(makeWorld: MakeWorld) {
    this.#makeWorld = makeWorld;
  }

  get world(): DirectoryWorld {
    if (this.#world === null) throw new Error('No tenant was entered.');
    return this.#world;
  }

  readonly enter = async (wish: TenantWish = {}): Promise<DirectoryWorld> =>
    (this.#world = await this.#makeWorld(wish));

  readonly leave = (): Promise<void> => this.world.close();

  readonly perform = (
    steps: readonly DirectoryStep[],
    timeoutMs = BUDGET_MS,
  ): Promise<readonly StepOutcome[]> => this.world.directory.perform(this.world.app, steps, timeoutMs);

  readonly tell = async (call: DirectoryCall): Promise<StepOutcome> =>
    only(await this.perform([{ ref: 'only', call }]));

  readonly ask = async (call: DirectoryCall): Promise<DirectoryAnswer> => answerOf(await this.tell(call));

  /** `ok`, or why not. */
  readonly refusal = async (call: DirectoryCall): Promise<string> => verdictOf(await this.tell(call));

  readonly newUser = (upn = `jo@${this.world.domain}`): DirectoryCall => ({
    do: 'createUser',
    upn,
    displayName: 'Jo (admin)',
    mailNickname: 'jo',
    marker: 'curfew-mark',
    password: STRONG,
  });

  readonly make = async (upn?: string): Promise<ObjectId> => {
    const answer = await this.ask(this.newUser(upn));
    return answer.did === 'createUser' ? answer.objectId : NOBODY;
  };

  readonly user = async (id: ObjectId): Promise<SeenUser> => {
    const answer = await this.ask({ do: 'readUser', user: id });
    return answer.did === 'readUser' ? answer.user : null;
  };
}
