import { HOLDS_NOTHING, type MayHold } from '#core/accounts';
import { idOf, type GroupId, type RoleId } from '#core/shared';
import { doubted } from './doubted.js';

const READER: RoleId = idOf('reader');
const HELPDESK: GroupId = idOf('helpdesk');
const EXCHANGE: GroupId = idOf('exchange');

const HELD: MayHold = {
  ...HOLDS_NOTHING,
  object: 'held',
  enabled: 'held',
  roles: { [READER]: { certainty: 'held', assignmentId: 'a1' } },
  groups: { [HELPDESK]: 'held', [EXCHANGE]: 'held' },
};

describe('what a row still says after something was taken away behind its back', () => {
  it('is doubted, as far as it was taken', () => {
    expect(doubted(HELD, { ...HELD, roles: {}, groups: { [EXCHANGE]: 'held' } })).toEqual({
      ...HELD,
      roles: { [READER]: { certainty: 'maybe', assignmentId: 'a1' } },
      groups: { [HELPDESK]: 'maybe', [EXCHANGE]: 'held' },
    });
    expect(doubted(HELD, { ...HELD, enabled: null }).enabled).toBe('maybe');
  });

  it('is doubted too where nobody knows whether it was taken', () => {
    const unsure: MayHold = {
      ...HELD,
      enabled: 'maybe',
      roles: { [READER]: { certainty: 'maybe', assignmentId: 'a1' } },
      groups: { [HELPDESK]: 'maybe', [EXCHANGE]: 'held' },
    };
    expect(doubted(HELD, unsure)).toEqual(unsure);
  });

  it('is doubted as a whole when its password was scrambled, which can only be given anew with it', () => {
    const shown = { ...HELD, password: 'held' } as const;

    expect(doubted(shown, { ...shown, password: 'maybe' }).enabled).toBe('maybe');
    expect(doubted(shown, shown).enabled).toBe('held');
    expect(doubted({ ...shown, password: null }, { ...shown, password: null }).enabled).toBe('held');
  });

  it('is never more than the row says', () => {
    const nothing = { ...HOLDS_NOTHING, object: 'held' } as const;
    expect(doubted(nothing, HELD)).toEqual(nothing);
    expect(doubted(nothing, nothing)).toEqual(nothing);
  });
});
