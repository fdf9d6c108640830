import {
  HOUR,
  idOf,
  MINUTE,
  SECOND,
  type BellWindow,
  type CustomerId,
  type CustomerRef,
  type UpcomingBell,
} from '#core/shared';
import { InMemoryUnitOfWork } from '../testing/in-memory-unit-of-work.js';
import { ConvergenceWorld } from '../testing/convergence-world.js';
import type { ConvergeCustomer } from './converge-customer.js';
import { Sweep } from './sweep.js';

const organizationId = idOf<'organization'>('msp');
const customer = (name: string): CustomerRef => ({ organizationId, customerId: idOf(name) });
const ignore = (): void => undefined;

/** A sweep over customers that are always due; what it starts stays under way until it is finished by hand. */
class Yard {
  readonly started: string[] = [];
  readonly rung: (number | undefined)[] = [];
  upcoming: readonly UpcomingBell[] = [];
  ringTakesMs = 0;
  #now = 0;
  readonly #waiting = new Map<CustomerId, { done: () => void; fail: (error: Error) => void }>();
  readonly #onTheirWay = new Map<string, () => void>();
  readonly sweep: Sweep;

  constructor(...due: readonly string[]) {
    const clockwork = {
      deployment: new InMemoryUnitOfWork().clockwork.deployment,
      keyHolders: new InMemoryUnitOfWork().clockwork.keyHolders,
      organizations: () => Promise.resolve([]),
      dueCanaries: () => Promise.resolve([]),
      dueCustomers: () => Promise.resolve(due.map(customer)),
      claimDue: () => Promise.resolve([]),
      claimAccount: () => Promise.resolve(null),
      giveBack: () => Promise.resolve([]),
      overdueCustomers: () => Promise.resolve([]),
      claimOverdue: () => Promise.resolve([]),
      lockedOverdue: () => Promise.resolve([]),
      claimDrift: () => Promise.resolve([]),
      claimValidations: () => Promise.resolve([]),
      claimLooks: () => Promise.resolve([]),
      endsBefore: () => Promise.resolve([]),
      upcoming: ({ after }: BellWindow, limit: number) => {
        const from = after === null ? 0 : this.upcoming.indexOf(after) + 1;
        return Promise.resolve(this.upcoming.slice(from, from + limit));
      },
      unreachedHolds: () => Promise.resolve([]),
      removals: () => Promise.resolve([]),
      dueConsents: () => Promise.resolve([]),
      nextDue: () => Promise.resolve(null),
    };
    const unitOfWork = { clockwork, inOrganization: () => Promise.reject(new Error('No rows here.')) };
    const ring = (_job: unknown, at?: number): Promise<void> => {
      this.rung.push(at);
      this.#now += this.ringTakesMs;
      return Promise.resolve();
    };
    const ports = { unitOfWork, clock: { now: () => this.#now }, queue: { ring } };
    const execute = ({ customerId }: CustomerRef, handedOver: () => void): Promise<number> => {
      this.started.push(customerId);
      this.#onTheirWay.set(customerId, handedOver);
      return new Promise((resolve, reject) => {
        this.#waiting.set(customerId, { done: () => resolve(1), fail: reject });
      });
    };
    const setOut = () => () => undefined;
    this.sweep = new Sweep(ports, { execute, setOut } as unknown as ConvergeCustomer);
  }

  handOver(name: string): void {
    this.#onTheirWay.get(idOf(name))?.();
  }

  finish(name: string): void {
    this.#waiting.get(idOf(name))?.done();
  }

  fail(name: string, error: Error): void {
    this.#waiting.get(idOf(name))?.fail(error);
  }
}

describe('Sweep', () => {
  it('finds what is due without any bell', async () => {
    const world = await ConvergenceWorld.create();
    world.queue.fault = 'lose';
    const id = await world.grant({ lastsMs: 10 * MINUTE });

    await world.tick();
    expect(world.grantRow(id).state).toBe('active');

    world.clock.advance(10 * MINUTE);
    await world.tick();
    expect(world.user()?.enabled).toBe(false);
  });

  it('leaves alone what is not due', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ startsInMs: MINUTE });
    await world.tick();
    expect(world.directory.calls).toEqual([]);
  });

  it('starts work and does not wait for it', async () => {
    const yard = new Yard('slow', 'quick');
    const { done } = await yard.sweep.due(ignore);
    expect(yard.started).toEqual(['slow', 'quick']);

    yard.finish('slow');
    yard.finish('quick');
    await done;
  });

  it('starts a second work on a customer, so that a slow give holds up no end, and no third', async () => {
    const yard = new Yard('slow');
    for (let sweeps = 0; sweeps < 4; sweeps += 1) await yard.sweep.due(ignore);
    expect(yard.started).toEqual(['slow', 'slow']);
  });

  it('works on a customer again once its work has ended', async () => {
    const yard = new Yard('acme');
    const { done } = await yard.sweep.due(ignore);
    yard.finish('acme');
    await done;
    await yard.sweep.due(ignore);
    await yard.sweep.due(ignore);
    expect(yard.started).toEqual(['acme', 'acme', 'acme']);
  });

  it('takes up the next customer as soon as another has handed over its disables, and waits for none to be done', async () => {
    const yard = new Yard(...Array.from({ length: 98 }, (_, index) => `customer ${index}`));
    await yard.sweep.due(ignore);
    expect(yard.started).toHaveLength(96);

    yard.handOver('customer 5');
    yard.handOver('customer 5');
    expect(yard.started.slice(96)).toEqual(['customer 96']);
    yard.finish('customer 6');
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(yard.started.slice(96)).toEqual(['customer 96', 'customer 97']);
  });

  it('works on 96 customers at once, all sweeps together', async () => {
    const yard = new Yard(...Array.from({ length: 102 }, (_, index) => `customer ${index}`));
    await yard.sweep.due(ignore);
    await yard.sweep.due(ignore);
    expect(yard.started).toHaveLength(96);
    expect(new Set(yard.started).size).toBe(96);
  });

  it("hands on one customer's failure and goes on with the others", async () => {
    const yard = new Yard('broken', 'sound');
    const failures: [string, unknown][] = [];
    const { done } = await yard.sweep.due((of, error) => failures.push([of.customerId, error]));
    const error = new Error('no such customer');
    yard.fail('broken', error);
    yard.finish('sound');
    await done;

    expect(failures).toEqual([['broken', error]]);
    await yard.sweep.due(ignore);
    expect(yard.started).toEqual(['broken', 'sound', 'broken', 'sound']);
  });

  it('is idle when nothing that it started is under way', async () => {
    const yard = new Yard('acme');
    await yard.sweep.idle();
    await yard.sweep.due(ignore);
    let idle = false;
    const waiting = yard.sweep.idle().then(() => (idle = true));
    await Promise.resolve();
    expect(idle).toBe(false);

    yard.finish('acme');
    await waiting;
  });
});

describe('Sweep, arming bells', () => {
  it('rings for what falls due within 15 minutes, at its instant, and for nothing later', async () => {
    const world = await ConvergenceWorld.create();
    const now = world.clock.now();
    await world.grant({ technician: 'alice', startsInMs: 10 * MINUTE });
    await world.grant({ technician: 'bob', startsInMs: HOUR });

    expect(await world.sweep.armBells()).toBe(1);
    expect(world.queue.rung).toEqual([
      { job: { name: 'customer.converge', ...world.customer }, at: now + 10 * MINUTE },
    ]);
  });

  it('rings once for a customer and second, however many accounts are due then', async () => {
    const world = await ConvergenceWorld.create();
    for (const technician of ['alice', 'bob', 'carol'])
      await world.grant({ technician, startsInMs: 10 * SECOND });
    expect(await world.sweep.armBells()).toBe(1);
  });

  it('arms everything within the horizon, the nearest first, however much it is', async () => {
    const yard = new Yard();
    const bells = Array.from({ length: 2_500 }, (_, index) => ({ ...customer(`c${index}`), at: index + 1 }));
    yard.upcoming = bells;

    expect(await yard.sweep.armBells()).toBe(2_500);

    expect(yard.rung).toEqual(bells.map(({ at }) => at));
  });

  it('begins again with the nearest when a queue is too slow for all of it', async () => {
    const yard = new Yard();
    yard.upcoming = Array.from({ length: 2_500 }, (_, index) => ({
      ...customer(`c${index}`),
      at: index + 1,
    }));
    yard.ringTakesMs = 20;

    const armed = await yard.sweep.armBells();
    yard.rung.length = 0;
    await yard.sweep.armBells();

    expect(armed).toBeLessThan(2_500);
    expect(yard.rung[0]).toBe(1);
  });

  it('rings at once where something is due already: its bell may have been lost', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant();

    expect(await world.sweep.armBells()).toBe(1);

    expect(world.queue.takeDue(world.clock.now())).toEqual([
      { name: 'customer.converge', ...world.customer },
    ]);
  });

  it('is armed again after the queue was emptied', async () => {
    const world = await ConvergenceWorld.create();
    const at = world.clock.now() + MINUTE;
    await world.grant({ startsInMs: MINUTE });
    await world.sweep.armBells();
    world.queue.wipe();

    await world.sweep.armBells();

    expect(world.queue.takeDue(at)).toHaveLength(1);
  });

  it('is one bell, though three hundred accounts of a customer come to rest and end in the same second', async () => {
    const world = await ConvergenceWorld.create();
    const second = Math.ceil(world.clock.now() / SECOND) * SECOND + MINUTE;
    for (let index = 0; index < 300; index += 1)
      await world.grant({ technician: `t${index}`, lastsMs: second + index * 3 - world.clock.now() });
    for (let claims = 0; claims < 3; claims += 1) await world.tick();
    await world.sweep.armBells();

    expect(world.tenant.users().filter(({ enabled }) => enabled)).toHaveLength(300);
    expect(world.queue.takeDue(second + SECOND)).toHaveLength(1);
  });
});
