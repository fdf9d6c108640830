import { Random } from '../foundation/random.js';
import { Agenda, dueAtOf } from './agenda.js';

const due = (at: number) => ({ at, tenantId: 't', table: 'roleSchedules' as const, key: String(at) });

describe('The agenda', () => {
  it('gives what is due, the earliest first, and nothing that is still ahead', () => {
    const agenda = new Agenda();
    const random = new Random(7);
    const times = Array.from({ length: 200 }, () => random.below(1_000));
    for (const at of times) agenda.add(due(at));

    const given: number[] = [];
    for (let next = agenda.next(500); next !== undefined; next = agenda.next(500)) given.push(next.at);

    expect(given).toEqual(times.filter((at) => at <= 500).sort((a, b) => a - b));
    agenda.add(due(3));
    expect(agenda.next(500)).toEqual(due(3));
    expect(agenda.next(500)).toBeUndefined();
  });

  it('holds rows that have a due time', () => {
    expect([{ dueAt: 5 }, { dueAt: null }, {}, null, undefined].map(dueAtOf)).toEqual([
      5,
      null,
      null,
      null,
      null,
    ]);
  });
});
