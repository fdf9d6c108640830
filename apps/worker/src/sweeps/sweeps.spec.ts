import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { nestLogger } from '#composition';
import type { AllStores } from '#core/access';
import { idOf, SECOND, type OrganizationId } from '#core/shared';
import {
  aWorld,
  FakeClock,
  FakeDirectory,
  FakeIds,
  FakeJobQueue,
  FakeSecretBox,
  FakeTenantCatalogue,
  FakeCertificates,
  FakeTenantSurveyor,
  InMemoryUnitOfWork,
  plant,
} from '#core/testing';
import { AnswerBell } from '#core/convergence';
import { BeginValidationRun } from '#core/validating';
import { createLogger } from '#platform';
import { handlersFor } from '../handlers.js';
import { WorkerModule } from '../worker.module.js';
import { Sweeps, type SweepSettings } from './sweeps.js';

/** A database that is away when it is told to be. */
class FailingUnitOfWork extends InMemoryUnitOfWork {
  isAway = false;

  override inOrganization<T>(id: OrganizationId, work: (stores: AllStores) => Promise<T>): Promise<T> {
    return this.isAway ? Promise.reject(new Error('away')) : super.inOrganization(id, work);
  }
}

/** A worker over fakes, with an account that has been due since before it started. */
const setUp = async ({
  isAway = false,
  isClockworkAway = false,
  bells = ['queue', 'sweep'] as SweepSettings['bells'],
} = {}) => {
  const queue = new FakeJobQueue();
  const unitOfWork = new FailingUnitOfWork();
  const ids = new FakeIds();
  const world = aWorld(ids);
  await plant(unitOfWork, world);
  unitOfWork.isAway = isAway;
  if (isClockworkAway) unitOfWork.clockwork.dueCustomers = () => Promise.reject(new Error('away'));
  const clock = new FakeClock(world.account.dueAt ?? 0);
  const lines: string[] = [];
  const logger = createLogger({
    name: 'worker',
    level: 'info',
    destination: { write: (line: string) => void lines.push(line) },
  });
  let readings = 0;
  let looks = 0;
  const context = await NestFactory.createApplicationContext(
    WorkerModule.with({
      ports: {
        unitOfWork,
        queue,
        clock,
        ids,
        box: new FakeSecretBox(),
        doorway: unitOfWork.doorway,
        alarms: unitOfWork.alarms,
        directory: new FakeDirectory(() => clock.now()),
        changes: new FakeDirectory(() => clock.now()),
        catalogue: new FakeTenantCatalogue(),
        surveyor: new FakeTenantSurveyor(),
        certificates: new FakeCertificates(),
        federatedOrganization: null,
      },
      logger,
      sweeps: {
        intervalMs: 20,
        bells,
        refreshClock: () => {
          readings += 1;
          return Promise.resolve(true);
        },
        onLook: () => void (looks += 1),
      },
    }),
    { logger: nestLogger(logger), abortOnError: false },
  );
  return {
    context,
    unitOfWork,
    clock,
    world,
    queue,
    log: () => lines.join(''),
    readings: () => readings,
    looks: () => looks,
  };
};

const until = async (isSo: () => boolean): Promise<void> => {
  const deadline = performance.now() + 5_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('It did not become so in time.');
    await new Promise((resolve) => setImmediate(resolve));
  }
};

describe('The sweeps of a worker', () => {
  it('work on what was due before the worker started, without any bell', async () => {
    const { context, unitOfWork } = await setUp();

    await until(() => (unitOfWork.peek().accounts[0]?.epoch ?? 0) > 7);

    await context.get(Sweeps).stop();
    await context.close();
  });

  it('go on when a customer cannot be worked on, and say so', async () => {
    const { context, unitOfWork, clock, log } = await setUp({ isAway: true });
    await until(() => log().includes('could not be converged'));
    const { epoch } = unitOfWork.peek().accounts[0] ?? { epoch: 0 };

    clock.advance(31 * SECOND);
    await until(() => (unitOfWork.peek().accounts[0]?.epoch ?? 0) > epoch);

    await context.get(Sweeps).stop();
    await context.close();
  });

  it('say of each look that it succeeded, and of none that failed', async () => {
    const { context, looks } = await setUp();
    await until(() => looks() > 1);
    await context.get(Sweeps).stop();
    await context.close();
    const { context: other, looks: otherLooks, log } = await setUp({ isAway: true, isClockworkAway: true });
    await until(() => log().includes('sweep failed'));
    await other.get(Sweeps).stop();
    await other.close();

    expect(otherLooks()).toBe(0);
  });

  it('arm no bells in a worker that does not hear them', async () => {
    const { context, queue, clock, unitOfWork } = await setUp({ bells: ['sweep'] });
    await until(() => (unitOfWork.peek().accounts[0]?.epoch ?? 0) > 7);
    await context.get(Sweeps).stop();
    await context.close();

    // What was converged rings for its own next look, as everywhere.
    expect(queue.rung.filter(({ at }) => at !== null && at <= clock.now())).toEqual([]);
  });

  it('leave what is due to the bells in a worker that is not to sweep, and arm them', async () => {
    const { context, queue, unitOfWork } = await setUp({ bells: ['queue'] });
    await until(() => queue.rung.length > 0);
    await context.get(Sweeps).stop();
    await context.close();

    expect(unitOfWork.peek().accounts[0]?.epoch).toBe(7);
  });

  it('take up the customers of a validation run', async () => {
    const { context, unitOfWork, clock, world } = await setUp();
    const { id: organizationId } = world.organization;
    const actor = { kind: 'console' } as const;
    const command = { organizationId, customerIds: null, actor, idempotency: null };
    await new BeginValidationRun({ unitOfWork, clock, ids: new FakeIds() }).execute(command);

    await until(() => unitOfWork.peek().validationRuns.every(({ state }) => state === 'done'));

    await context.get(Sweeps).stop();
    await context.close();
  });

  it('stop when they are told to', async () => {
    const { context, unitOfWork, clock } = await setUp();
    await until(() => (unitOfWork.peek().accounts[0]?.epoch ?? 0) > 7);

    await context.get(Sweeps).stop();
    const { epoch } = unitOfWork.peek().accounts[0] ?? { epoch: 0 };
    clock.advance(31 * SECOND);
    await context.close();

    expect(unitOfWork.peek().accounts[0]?.epoch).toBe(epoch);
  });
});

describe('The handlers', () => {
  it('call one use case for each job', async () => {
    const { context, unitOfWork, clock, world } = await setUp();
    await context.get(Sweeps).stop();
    const { epoch } = unitOfWork.peek().accounts[0] ?? { epoch: 0 };
    clock.advance(61 * SECOND);
    const handlers = handlersFor({ answerBell: context.get(AnswerBell, { strict: false }) });
    const payload = { v: 1, organizationId: world.organization.id, customerId: world.customer.id } as const;

    await handlers['customer.converge'](payload, { signal: AbortSignal.timeout(1_000) }).catch(
      () => undefined,
    );
    await handlers['customer.converge'](
      { ...payload, customerId: idOf('0190a000-0000-7000-8000-0000000000aa') },
      { signal: AbortSignal.timeout(1_000) },
    );

    expect(unitOfWork.peek().accounts[0]?.epoch).toBeGreaterThan(epoch);
    await context.close();
  });
});
