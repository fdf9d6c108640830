import type { JobRequest } from '#core/shared';
import { catalog, isJobName, queueNames, type JobName } from './catalog.js';

const organizationId = '0190a000-0000-7000-8000-000000000001';
const customerId = '0190a000-0000-7000-8000-000000000002';

/**
 * One example of every payload ever released: a queue may still hold it when a newer version starts. Add to this
 * list; never change or remove an entry.
 */
const released: readonly (readonly [JobName, unknown])[] = [
  ['customer.converge', { v: 1, organizationId, customerId }],
];

describe('The catalog of jobs', () => {
  it.each(released)('still reads what was once released: %s %j', (name, payload) => {
    expect(catalog[name].payload.parse(JSON.parse(JSON.stringify(payload)))).toEqual(payload);
  });

  it('has an example of every job', () => {
    expect(new Set(released.map(([name]) => name))).toEqual(new Set(Object.keys(catalog)));
  });

  it.each([
    ['a value that is no id', { v: 1, organizationId, customerId: 'Contoso' }],
    ['a version that it does not know', { v: 2, organizationId, customerId }],
    ['anything besides ids', { v: 1, organizationId, customerId, reason: 'because' }],
  ])('refuses %s', (_what, payload) => {
    expect(catalog['customer.converge'].payload.safeParse(payload).success).toBe(false);
  });

  it('keys a job by its customer, without a character that BullMQ takes for its own', () => {
    const { payload, key } = catalog['customer.converge'];

    expect(key(payload.parse({ v: 1, organizationId, customerId }))).toBe(customerId);
    expect(customerId).not.toContain(':');
  });

  it('knows its own names only', () => {
    const name: JobRequest['name'] = 'customer.converge';

    expect([name, 'canary', 'toString', ''].map(isJobName)).toEqual([true, false, false, false]);
    expect(queueNames).toEqual(['convergence']);
  });
});
