import { HOUR, idOf, MINUTE, type CustomerId, type TechnicianId } from '#core/shared';
import { barOf, kills, type GrantSurroundings, type Hold, type HoldScope } from './hold.js';

const NOON = Date.UTC(2026, 2, 14, 12);
const technicianId: TechnicianId = idOf('ada');
const customerId: CustomerId = idOf('contoso');
const grant = { technicianId, customerId, createdAt: NOON };

const hold = (scope: HoldScope, change: Partial<Hold> = {}): Hold => ({
  id: idOf('hold'),
  organizationId: idOf('msp'),
  scope,
  reason: 'a laptop was stolen',
  placedAt: NOON + HOUR,
  placedBy: { kind: 'console' },
  liftedAt: null,
  liftedBy: null,
  ...change,
});

describe('a hold', () => {
  it.each<[string, HoldScope, boolean]>([
    ['everybody', { kind: 'organization' }, true],
    ['its technician', { kind: 'technician', technicianId }, true],
    ['its customer', { kind: 'customer', customerId }, true],
    ['somebody else', { kind: 'technician', technicianId: idOf('grace') }, false],
    ['another customer', { kind: 'customer', customerId: idOf('fabrikam') }, false],
  ])('on %s kills the grant or leaves it alone', (_, scope, killed) => {
    expect(kills(hold(scope), grant)).toBe(killed);
  });

  it('kills for good what there was when it was placed, also when it was lifted at once', () => {
    const lifted = hold({ kind: 'organization' }, { liftedAt: NOON + HOUR + 1 });
    expect(kills(lifted, grant)).toBe(true);
    expect(kills(lifted, { ...grant, createdAt: NOON + HOUR + MINUTE })).toBe(false);
  });

  it('kills what was made under it as long as it stands', () => {
    const later = { ...grant, createdAt: NOON + 2 * HOUR };
    expect(kills(hold({ kind: 'organization' }), later)).toBe(true);
  });
});

describe('what forbids a grant', () => {
  const free: GrantSurroundings = {
    isKilled: false,
    isEntitled: true,
    technician: 'active',
    customer: 'active',
    connection: 'active',
  };

  it.each<[Partial<GrantSurroundings>, string | null]>([
    [{}, null],
    [{ connection: null }, null],
    [{ isKilled: true, technician: 'left' }, 'killed'],
    [{ technician: 'left' }, 'technician_left'],
    [{ technician: 'suspended', customer: 'removed' }, 'technician_suspended'],
    [{ isEntitled: false, customer: 'removing' }, 'not_entitled'],
    [{ isEntitled: false, technician: 'suspended' }, 'technician_suspended'],
    [{ customer: 'removing' }, 'customer_removed'],
    [{ customer: 'removed', connection: null }, 'customer_removed'],
    [{ connection: 'removing' }, 'connection_removed'],
  ])('%o is %s', (change, bar) => {
    expect(barOf({ ...free, ...change })).toBe(bar);
  });
});
