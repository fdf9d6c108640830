import { HOUR, idOf, MINUTE, SECOND, type CustomerId, type CustomerRef } from '#core/shared';
import { ConvergenceWorld } from '../testing/convergence-world.js';
import type { ConvergeCustomer } from './converge-customer.js';
import { Sweep } from './sweep.js';

const organizationId = idOf<'organization'>('msp');
const customer = (name: string): CustomerRef => ({ organizationId, customerId: idOf(name) });
const ignore = (): void => undefined;

/** A sweep over customers that are always due; what it starts stays under way until it is finished by hand. */
class Yard {
  readonly started: string[] = [];
  readonly #waiting = new Map<CustomerId, { done: () => void; fail: (error: Error) => void }>();
  readonly sweep: Sweep;

  constructor(...due: readonly string[]) {
    const clockwork = {
      dueCustomers: () => Promise.resolve(due.map(customer)),
      claimDue: () => Promise.resolve([]),
      claimAccount: () => Promise.resolve(null),
      overdueCustomers: () => Promise.resolve([]),
      claimOverdue: () => Promise.resolve([]),
      endsBefore: () => Promise.resolve([]),
      upcoming: () => Promise.resolve([]),
    };
    const unitOfWork = { clockwork, inOrganization: () => Promise.reject(new Error('No rows here.')) };
    const ports = { unitOfWork, clock: { now: () => 0 }, queue: { ring: () => Promise.resolve() } };
    const execute = ({ customerId }: CustomerRef): Promise<number> => {
      this.started.push(customerId);
      return new Promise((resolve, reject) => {
        this.#waiting.set(customerId, { done: () => resolve(1), fail: reject });
      });
    };
    this.sweep = new Sweep(ports, { execute } as unknown as ConvergeCustomer);
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

  it('works on 64 customers at once, all sweeps together', async () => {
    const yard = new Yard(...Array.from({ length: 70 }, (_, index) => `customer ${index}`));
    await yard.sweep.due(ignore);
    await yard.sweep.due(ignore);
    expect(yard.started).toHaveLength(64);
    expect(new Set(yard.started).size).toBe(64);
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
});
