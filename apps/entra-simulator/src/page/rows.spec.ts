import type { FaultState, RequestEntry, TrueUser } from '../control/contract.js';
import { builder, type Made } from './assets/dom.js';
import { changeRow, faultRow, partRow, requestRow, userRow, withNews } from './assets/rows.js';

const nasty = '<img src=x onerror=alert(1)>';

describe('What stands in the tables of the page', () => {
  const user: Parameters<typeof userRow>[0] = {
    userPrincipalName: 'ada@contoso.com',
    displayName: null,
    accountEnabled: false,
    roles: [
      { assignmentId: 'a', id: 'r', name: 'Global Administrator' },
      { assignmentId: 'b', id: 's', name: 'Helpdesk Administrator' },
    ],
    groups: [{ id: 'g', name: 'Operators' }],
    passes: [],
  };
  const aPass = (expiresAt: string, isUsable: boolean): TrueUser['passes'][number] => ({
    id: expiresAt,
    startDateTime: '2026-03-01T09:00:00.000Z',
    expiresAt,
    isUsableOnce: false,
    isUsable,
  });
  const request: RequestEntry = {
    seq: 1,
    at: '2026-03-01T09:00:00.250Z',
    tenantId: 't',
    appId: 'a',
    method: 'POST',
    path: '/v1.0/users',
    status: 201,
    kind: 'graph',
    chargedMs: 120,
    cpuMs: 1,
    violations: [],
  };
  const aFault = (changes: Partial<FaultState>): FaultState => ({
    id: 'f',
    match: { method: 'POST', path: '/users' },
    effect: { status: 504 },
    matched: 3,
    hits: 2,
    ...changes,
  });

  it('tells of a user whether the account is enabled, its roles and its groups', () => {
    expect(userRow(user)).toEqual([
      'ada@contoso.com',
      '',
      'disabled',
      'Global Administrator, Helpdesk Administrator',
      'Operators',
      '',
    ]);
  });

  it('counts the passes and tells when the last of them ends', () => {
    const passes = [aPass('2026-03-01T11:00:00.000Z', true), aPass('2026-03-01T10:00:00.000Z', false)];

    expect(userRow({ ...user, passes }).at(-1)).toBe('2 (1 usable), until 2026-03-01 11:00:00');
  });

  it('tells a cut connection from an answer, and marks what was refused', () => {
    expect(requestRow(request)).toEqual({
      cells: ['2026-03-01 09:00:00', 'POST', '/v1.0/users', '201', '120'],
      isRefused: false,
      remarks: [],
    });
    expect(requestRow({ ...request, status: 0 })).toMatchObject({ isRefused: true });
    expect(requestRow({ ...request, status: 0 }).cells[3]).toBe('cut');
    expect(
      requestRow({ ...request, status: 429, throttled: true, violations: ['no such option'] }),
    ).toMatchObject({
      isRefused: true,
      remarks: ['throttled', 'no such option'],
    });
    expect(partRow({ id: '1', method: 'PATCH', url: '/users/x', status: 204 })).toBe(
      '1: PATCH /users/x → 204',
    );
  });

  it.each<[FaultState, string[]]>([
    [aFault({ times: 5 }), ['POST /users', '504', '2 of 5']],
    [aFault({ named: 'storm' }), ['storm', '504', '2, no end']],
    [
      aFault({ match: {}, effect: { cut: 'mid-batch' } }),
      ['any method any path', 'connection cut mid-batch', '2, no end'],
    ],
    [
      aFault({ effect: { status: 503, code: 'busy', commit: true } }),
      ['POST /users', '503 busy, though carried out', '2, no end'],
    ],
    [aFault({ effect: { garble: 'html' } }), ['POST /users', 'answer garbled (html)', '2, no end']],
    [
      aFault({ effect: { withoutPermissions: ['User.Read.All'] } }),
      ['POST /users', 'without User.Read.All', '2, no end'],
    ],
  ])('says in words what a fault does (%#)', (fault, cells) => {
    expect(faultRow(fault)).toEqual(cells);
  });

  it('names who made a change', () => {
    const change = {
      seq: 1,
      at: '2026-03-01T09:00:00.000Z',
      tenantId: 't',
      objectId: 'object',
      userPrincipalName: null,
      what: 'role.removed' as const,
      requestId: 'r',
      details: {},
    };

    expect(changeRow({ ...change, by: 'portal' })).toEqual([
      '2026-03-01 09:00:00',
      'role.removed',
      'object',
      'portal',
    ]);
    expect(changeRow({ ...change, by: { appId: 'app-1' } }).at(-1)).toBe('app app-1');
  });

  it('puts the newest first and keeps no more than fits', () => {
    expect(withNews([3, 2, 1], [4, 5], 4)).toEqual([5, 4, 3, 2]);
  });

  it('leaves a text of a tenant as it is, for the page to show as text', () => {
    expect(userRow({ ...user, userPrincipalName: nasty, displayName: nasty }).slice(0, 2)).toEqual([
      nasty,
      nasty,
    ]);
  });
});

describe('An element of the page', () => {
  class Piece implements Made {
    readonly attributes: Record<string, string> = {};
    readonly listeners: string[] = [];
    readonly nodes: unknown[] = [];
    constructor(readonly name: string) {}
    setAttribute(name: string, value: string): void {
      this.attributes[name] = value;
    }
    addEventListener(name: string): void {
      this.listeners.push(name);
    }
    append(...nodes: unknown[]): void {
      this.nodes.push(...nodes);
    }
  }
  const build = builder({
    createElement: (name: string) => new Piece(name),
    createTextNode: (text: string) => ({ text }),
  });

  it('takes every text as a text node, whatever markup stands in it', () => {
    const cell = build('td', {}, nasty, 3, build('b', {}, nasty));

    expect(cell.nodes).toMatchObject([
      { text: nasty },
      { text: '3' },
      { name: 'b', nodes: [{ text: nasty }] },
    ]);
  });

  it('gets attributes and listeners, and none that is undefined', () => {
    const button = build('button', { type: 'button', title: undefined, click: () => {} });

    expect(button.attributes).toEqual({ type: 'button' });
    expect(button.listeners).toEqual(['click']);
  });
});
