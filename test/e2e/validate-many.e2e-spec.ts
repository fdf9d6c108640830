import { TestMsp, type Tenant } from '../support/stack-msp.js';
import { until } from '../support/stack-until.js';
import { TestStack } from '../support/stack.js';

/** Three hundred stand in the API's own spec; here it is about processes. */
const CUSTOMERS = 60;
/** Side by side, while they are set up. */
const LANES = 4;
/** Side by side in a worker. */
const PLACES = 16;
/** What a worker that was killed had claimed is free again after a minute. */
const DONE_WITHIN_MS = 240_000;

type State = 'waiting' | 'running' | 'pass' | 'warn' | 'fail' | 'could_not' | 'cancelled';

interface Run {
  readonly id: string;
  readonly state: 'running' | 'done' | 'cancelled';
  readonly customers: number;
  readonly counts: Readonly<Record<'waiting' | 'running' | 'pass' | 'warn' | 'fail' | 'couldNot', number>>;
}

interface Line {
  readonly customerId: string;
  readonly state: State;
  readonly endedAt: string | null;
}

describe('Validate for many customers, by the API and the simulator', () => {
  let stack: TestStack;
  let msp: TestMsp;
  /** Oldest first: the first is among those that are taken up first. */
  let customers: readonly { readonly id: string; readonly tenant: Tenant }[];

  beforeAll(async () => {
    stack = await TestStack.start();
    msp = await TestMsp.create(stack);
    const made: { id: string; tenant: Tenant }[] = [];
    const names = Array.from({ length: CUSTOMERS }, (_, index) => `customer-${index}`).values();
    const lane = async (): Promise<void> => {
      for (const name of names) {
        const [tenant, { id }] = await Promise.all([
          msp.tenant(name),
          msp.owner.post<{ id: string }>('/customers', { name }),
        ]);
        await msp.connect(id, tenant);
        made.push({ id, tenant });
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    customers = made.sort((a, b) => (a.id < b.id ? -1 : 1));
  }, 300_000);
  afterAll(() => stack.stop(), 60_000);

  const progress = (id: string): Promise<Run> => msp.owner.get<Run>(`/validations/${id}`);
  const ended = ({ counts: { pass, warn, fail, couldNot } }: Run): number => pass + warn + fail + couldNot;
  const lines = async (id: string): Promise<readonly Line[]> => {
    const all: Line[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page: { items: readonly Line[]; nextCursor: string | null } = await msp.owner.get(
        `/validations/${id}/lines?limit=100${from}`,
      );
      all.push(...page.items);
      cursor = page.nextCursor;
    }
    return all;
  };

  it('asks all the others while one tenant hangs, and goes on where a worker was killed', async () => {
    const [slow] = customers;
    if (slow === undefined) throw new Error('There are no customers.');
    // Longer than a question may take: it is told as what it is, a tenant that does not answer.
    await stack.simulator.addFault({
      tenantId: slow.tenant.tenantId,
      match: { path: '/$batch' },
      effect: { slowMs: 30_000 },
    });

    const run = await msp.owner.post<Run>('/validations');
    expect(run).toMatchObject({ state: 'running', customers: CUSTOMERS });
    await until(
      () => progress(run.id),
      (seen) => ended(seen) > PLACES,
      { what: 'others are validated', timeoutMs: DONE_WITHIN_MS },
    );
    await stack.kill('worker');
    const before = await progress(run.id);
    expect(before.state).toBe('running');
    await stack.start('worker');
    const done = await until(
      () => progress(run.id),
      ({ state }) => state !== 'running',
      { what: 'the run is done', timeoutMs: DONE_WITHIN_MS },
    );

    expect(done).toMatchObject({ state: 'done', counts: { waiting: 0, running: 0, couldNot: 0 } });
    expect(ended(done)).toBe(CUSTOMERS);
    const told = await lines(run.id);
    expect(told.map(({ customerId }) => customerId)).toEqual(customers.map(({ id }) => id));
    const last = told.find(({ customerId }) => customerId === slow.id);
    expect(last?.state).toBe('warn');
    // It was among the first to be taken up, and the others did not wait for it.
    const sooner = told.filter(({ endedAt }) => (endedAt ?? '') < (last?.endedAt ?? ''));
    expect(sooner.length).toBeGreaterThan(2 * PLACES);
  }, 600_000);

  it('can be begun again for a few, and cancelled while one of them hangs', async () => {
    const few = customers.slice(0, 5);
    const [slow] = few;
    if (slow === undefined) throw new Error('There are no customers.');
    await stack.simulator.clearFaults();
    // As long as its claim: it is under way whenever the run is cancelled.
    await stack.simulator.addFault({
      tenantId: slow.tenant.tenantId,
      match: { path: '/$batch' },
      effect: { slowMs: 60_000 },
    });
    const run = await msp.owner.post<Run>('/validations', { customerIds: few.map(({ id }) => id) });
    const cancel = `/validations/${run.id}/cancel`;

    const cancelled = await msp.owner.post<Run>(cancel);

    expect(cancelled).toMatchObject({ state: 'cancelled', customers: 5, counts: { waiting: 0, running: 0 } });
    const told = await lines(run.id);
    expect(told).toHaveLength(5);
    expect(told.find(({ customerId }) => customerId === slow.id)?.state).toBe('cancelled');
    expect(await msp.owner.post<Run>(cancel)).toMatchObject({ state: 'cancelled' });
  });

  it('is not cancelled any more when it is done', async () => {
    await stack.simulator.clearFaults();
    const customerIds = customers.slice(1, 4).map(({ id }) => id);
    const run = await msp.owner.post<Run>('/validations', { customerIds });
    await until(
      () => progress(run.id),
      ({ state }) => state === 'done',
      { what: 'the run is done', timeoutMs: DONE_WITHIN_MS },
    );

    const late = msp.owner.post<Run>(`/validations/${run.id}/cancel`);

    await expect(late).rejects.toMatchObject({ problem: { status: 409, code: 'validation_run.over' } });
    expect(await progress(run.id)).toMatchObject({ state: 'done', counts: { waiting: 0, running: 0 } });
  });
});
