import { VALIDATION_CLAIM_MS, type CustomerId } from '#core/shared';
import { ValidateClaimed } from './validate-claimed.js';
import { ValidationSweep } from './validation-sweep.js';
import { aFleet, FakeValidate } from '../testing/validation-run.samples.js';

const AT_ONCE = 16;

/** A gate before which whoever comes waits. */
const aGate = () => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
};

const setUp = async (count: number) => {
  const fleet = await aFleet(count);
  const validate = new FakeValidate();
  const failures: unknown[] = [];
  const aSweep = () => new ValidationSweep(fleet.ports, new ValidateClaimed(fleet.ports, validate));
  const sweep = aSweep();
  const run = await fleet.begin();
  const counts = async () => (await fleet.progress(run.id)).counts;
  /** Lets everything go on that can, until it is so. */
  const until = async (isSo: (now: Awaited<ReturnType<typeof counts>>) => boolean): Promise<void> => {
    for (let rounds = 0; rounds < 20_000; rounds += 1) {
      if (isSo(await counts())) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`It stays at ${JSON.stringify(await counts())}.`);
  };
  const hang = (ids: readonly (CustomerId | undefined)[]) => {
    const gate = aGate();
    for (const id of ids) if (id !== undefined) validate.at(id, () => gate.opened.then(() => 'warn'));
    return gate;
  };
  const due = () => sweep.due((_, error) => failures.push(error));
  return { ...fleet, validate, failures, sweep, aSweep, run, counts, until, hang, due };
};

describe('ValidationSweep', () => {
  it('validates 300 customers while one of them hangs, and ends the run with that one', async () => {
    const { due, until, hang, customerIds, validate, progress, run, sweep } = await setUp(300);
    const gate = hang([customerIds[0]]);

    await due();
    await until(({ pass, running }) => pass === 299 && running === 1);

    expect((await progress(run.id)).run.state).toBe('running');
    gate.open();
    await until(({ warn }) => warn === 1);
    expect((await progress(run.id)).run.state).toBe('done');
    expect(new Set(validate.asked).size).toBe(300);
    expect(validate.asked).toHaveLength(300);
    await sweep.stop();
  });

  it('asks sixteen at a time, however often it is swept', async () => {
    const { due, until, hang, customerIds, validate, counts } = await setUp(40);
    const gate = hang(customerIds);

    await Promise.all([due(), due(), due()]);
    await until(() => validate.asked.length >= AT_ONCE);
    await due();

    expect(await counts()).toMatchObject({ running: AT_ONCE, waiting: 24 });
    expect(validate.asked).toHaveLength(AT_ONCE);
    gate.open();
    await until(({ warn }) => warn === 40);
  });

  it('goes on with the others when as many as it asks at a time hang beyond their claims', async () => {
    const { due, until, hang, customerIds, clock, counts } = await setUp(40);
    const gate = hang(customerIds.slice(0, AT_ONCE));
    await due();
    expect(await counts()).toMatchObject({ running: AT_ONCE, waiting: 24 });

    clock.advance(VALIDATION_CLAIM_MS);
    await due();

    await until(({ pass }) => pass === 24);
    gate.open();
    await until(({ warn }) => warn === AT_ONCE);
  });

  it('takes up what a worker that died has left, when its claims are over', async () => {
    const { due, until, ports, clock, counts } = await setUp(20);
    await ports.unitOfWork.clockwork.claimValidations(clock.now(), 10);

    await due();
    await until(({ pass }) => pass === 10);
    expect(await counts()).toMatchObject({ running: 10 });
    clock.advance(VALIDATION_CLAIM_MS);
    await due();

    await until(({ pass }) => pass === 20);
  });

  it('shares a run with other workers, and none asks what another does', async () => {
    const { due, aSweep, until, validate } = await setUp(100);
    const other = aSweep();

    await Promise.all([due(), other.due(() => undefined)]);
    await until(({ pass }) => pass === 100);

    expect(new Set(validate.asked).size).toBe(validate.asked.length);
  });

  it('hands on what fails, and fails nobody else', async () => {
    const { due, until, customerIds, validate, failures, counts } = await setUp(30);
    const [odd] = customerIds;
    const bug = new Error('a bug');
    if (odd !== undefined) validate.at(odd, () => Promise.reject(bug));

    await due();
    await until(({ pass }) => pass === 29);

    expect(failures).toEqual([bug]);
    expect(await counts()).toMatchObject({ running: 1 });
  });

  it('begins nothing more once it is stopped, and waits for what is under way', async () => {
    const { due, sweep, hang, customerIds, counts } = await setUp(40);
    const gate = hang(customerIds);
    await due();

    const stopped = sweep.stop();
    gate.open();
    await stopped;
    await due();

    expect(await counts()).toMatchObject({ warn: AT_ONCE, waiting: 24, running: 0 });
  });

  it('says that it can’t look, and goes on at the next sweep', async () => {
    const { due, until, ports } = await setUp(3);
    const { clockwork } = ports.unitOfWork;
    const claim = clockwork.claimValidations.bind(clockwork);
    clockwork.claimValidations = () => Promise.reject(new Error('away'));

    await expect(due()).rejects.toThrow('away');
    clockwork.claimValidations = claim;
    await due();

    await until(({ pass }) => pass === 3);
  });
});
