import type { ClosingAccount } from '#core/grants';
import { idOf } from '#core/shared';
import { byHandLines, ClosingLines } from './closing-lines.js';

const NOON = Date.UTC(2026, 2, 14, 12);

const account = (change: Partial<ClosingAccount> = {}): ClosingAccount => ({
  accountId: idOf('account'),
  technicianId: idOf('ada'),
  upn: 'jit-ada@contoso.example',
  objectId: null,
  customer: { id: idOf('contoso'), name: 'Contoso' },
  tenant: null,
  held: { enabled: true, roles: [], groups: [], pass: false },
  state: 'open',
  since: NOON,
  closedAt: null,
  failure: null,
  throttle: null,
  readBackAt: null,
  ...change,
});

const throttle = { workload: 'directory', until: NOON + 1_000, reason: '429 Too\nMany' } as const;

describe('the lines of a kill switch', () => {
  it('tell what was taken away, then what is closed, each once', () => {
    const lines = new ClosingLines();

    expect(lines.since([account()])).toEqual([]);
    expect(lines.since([account({ state: 'taken' })])).toEqual([
      'taken away  Contoso  jit-ada@contoso.example',
    ]);
    expect(lines.since([account({ state: 'taken' })])).toEqual([]);
    expect(lines.since([])).toEqual(['closed      Contoso  jit-ada@contoso.example']);
    expect(lines.since([])).toEqual([]);
  });

  it('name what keeps an account, in one line, once for each try', () => {
    const lines = new ClosingLines();
    const kept = account({ state: 'ending', throttle });

    const [line, ...more] = lines.since([kept]);

    expect(line).toBe(
      'not yet     Contoso  jit-ada@contoso.example: throttled, tried again by 2026-03-14T12:00:01.000Z (429 Too Many)',
    );
    expect(more).toEqual([]);
    expect(lines.since([kept])).toEqual([]);
  });

  it('say of each account what may be there, also where little is known', () => {
    const told = byHandLines([account({ state: 'ending', throttle })]).join('\n');

    expect(told).toContain('tenant not connected, object not known to exist');
    expect(told).toContain('may be enabled: yes; roles: none; groups: none; pass: no');
  });
});
