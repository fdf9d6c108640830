import { HOUR } from '#core/shared';
import { alarmsOf, CONTOSO, failing, NOW, overdue, well } from '../testing/alarm-facts.samples.js';
import type { AlarmFacts } from './alarm-source.js';

describe('What is behind an alarm', () => {
  const causeOf = (facts: Partial<AlarmFacts>) => alarmsOf(facts).map(({ id, causedBy }) => [id, causedBy]);

  it('is the customer at which nothing works', () => {
    const end = overdue('contoso', NOW - HOUR, { failureReason: 'unanswered' });

    expect(causeOf({ overdue: [end], failing: [failing('unanswered', { owed: 1 })] })).toEqual([
      ['customer.blocked:contoso', null],
      ['end.overdue:contoso:unanswered', 'customer.blocked:contoso'],
    ]);
  });

  it('is the credential that has ended, and what follows from it', () => {
    const end = overdue('contoso', NOW - HOUR, { failureReason: 'credential_bad' });
    const credentialEnds = [{ ...CONTOSO, endsAt: NOW - 1 }];

    expect(causeOf({ overdue: [end], failing: [failing('credential_bad')], credentialEnds })).toEqual([
      ['credential.ending:contoso', null],
      ['customer.blocked:contoso', 'credential.ending:contoso'],
      ['end.overdue:contoso:credential_bad', 'customer.blocked:contoso'],
    ]);
  });

  it('is the layer that nobody hears, of what nobody works on', () => {
    const beats = well.beats.filter(({ layer }) => layer !== 'sweep');

    expect(causeOf({ overdue: [overdue('contoso', NOW - HOUR)], beats })).toEqual([
      ['bell.silent:sweep', null],
      ['end.overdue:contoso:not_tried', 'bell.silent:sweep'],
    ]);
  });
});
