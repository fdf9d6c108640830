import {
  CLAIM_MS,
  idOf,
  SECOND,
  type AccountId,
  type Clockwork,
  type CustomerRef,
  type Overdue,
} from '#core/shared';
import { FakeClock } from '../testing/fake-clock.js';
import { ConvergenceWorld } from '../testing/convergence-world.js';
import { Converge, type Converged } from './converge.js';
import { RevokeOverdue } from './revoke-overdue.js';

const customer = (name: string): CustomerRef => ({ organizationId: idOf('msp'), customerId: idOf(name) });

/** Overdue accounts by customer, the longest overdue first, of which nothing but the good ones can be taken away. */
class Yard {
  readonly clock = new FakeClock();
  readonly #overdue = new Map<string, AccountId[]>();
  readonly tried: AccountId[] = [];
  readonly good = new Set<AccountId>();

  add(name: string, count: number, isGood = false): readonly AccountId[] {
    const ids = Array.from({ length: count }, (_, index): AccountId => idOf(`${name} ${index}`));
    this.#overdue.set(name, [...(this.#overdue.get(name) ?? []), ...ids]);
    if (isGood) for (const id of ids) this.good.add(id);
    return ids;
  }

  async revoker(): Promise<() => Promise<void>> {
    const world = await ConvergenceWorld.create();
    const clockwork: Clockwork = Object.assign(Object.create(world.unitOfWork.clockwork) as Clockwork, {
      overdueCustomers: (_: Overdue, limit: number) =>
        Promise.resolve(
          [...this.#overdue.keys()].slice(0, limit).map((id) => ({ ...customer(id), isHeld: false })),
        ),
      claimOverdue: ({ customerId }: CustomerRef, { now, except }: Overdue, limit: number) => {
        const free = (this.#overdue.get(customerId) ?? []).filter((id) => !except.includes(id));
        const claimedUntil = now + CLAIM_MS;
        return Promise.resolve(
          free
            .slice(0, limit)
            .map((accountId) => ({ ...customer(customerId), accountId, epoch: 1, claimedUntil })),
        );
      },
    });
    const converge = new Converge(world.ports);
    converge.execute = (claims): Promise<Converged> => {
      this.tried.push(...claims.map(({ accountId }) => accountId));
      for (const [name, ids] of this.#overdue)
        this.#overdue.set(
          name,
          ids.filter((id) => !this.good.has(id) || !claims.some(({ accountId }) => accountId === id)),
        );
      return Promise.resolve({ minted: null, failures: [] });
    };
    const inOrganization = world.unitOfWork.inOrganization.bind(world.unitOfWork);
    const { directory, queue, ids, box } = world;
    const ports = {
      directory,
      queue,
      ids,
      box,
      clock: this.clock,
      unitOfWork: { inOrganization, clockwork },
    };
    const revoker = new RevokeOverdue(ports, converge);
    return async () => {
      await revoker.execute(() => undefined);
      await revoker.idle();
      this.clock.advance(SECOND);
    };
  }
}

describe('fairness of the revoker', () => {
  it('has one account of a customer done with at once, though a thousand of another are hopeless', async () => {
    const yard = new Yard();
    yard.add('hopeless', 1_000);
    const look = await yard.revoker();
    for (let looks = 0; looks < 30; looks += 1) await look();
    const [good] = yard.add('good', 1, true);

    await look();

    expect(yard.tried).toContain(good);
  });

  it('has a turn for each of three hundred customers before the first has its second', async () => {
    const yard = new Yard();
    for (let index = 0; index < 300; index += 1) yard.add(`hopeless ${index}`, 5);
    const look = await yard.revoker();
    for (let looks = 0; looks < 20; looks += 1) await look();
    yard.tried.length = 0;
    const [good] = yard.add('good', 1, true);

    await look();

    expect(yard.tried).toContain(good);
  });

  it('comes to the last of a thousand and one accounts of the same customer within seconds, again and again', async () => {
    const yard = new Yard();
    yard.add('customer', 1_000);
    const look = await yard.revoker();
    for (let looks = 0; looks < 60; looks += 1) await look();
    const [good] = yard.add('customer', 1, true);

    for (let looks = 0; looks < 16; looks += 1) await look();

    expect(yard.tried).toContain(good);
  });
});
