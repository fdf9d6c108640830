import type { FaultRule } from '../control/contract.js';

/** A fault with a name, ready to be set. */
export interface ReadyFault {
  readonly name: string;
  readonly what: string;
  readonly rule: FaultRule;
}

const create = { method: 'POST', path: '/users' };

/** What a page can set with one key press: the accidents that a caller of Graph meets first. */
export const readyFaults: readonly ReadyFault[] = [
  {
    name: 'create-committed-504',
    what: 'a create is carried out and answered 504',
    rule: { match: create, effect: { status: 504, commit: true } },
  },
  {
    name: 'create-cut',
    what: 'the connection is cut before a create is carried out',
    rule: { match: create, effect: { cut: 'before-commit' } },
  },
  {
    name: 'create-refused-once',
    what: 'a good create is refused with a passing 400',
    rule: { match: create, effect: { status: 400 } },
  },
  {
    name: 'throttled',
    what: 'any request or part is answered 429, Retry-After 2',
    rule: { match: {}, effect: { status: 429, retryAfter: 2 } },
  },
  {
    name: 'part-throttled',
    what: 'parts of batches are answered 429, Retry-After 2',
    rule: { match: { part: 'batch-part' }, effect: { status: 429, retryAfter: 2 } },
  },
  {
    name: 'unavailable',
    what: 'a change is answered 503 and not carried out',
    rule: { match: { method: 'PATCH' }, effect: { status: 503 } },
  },
  {
    name: 'token-busy',
    what: 'the token endpoint is overloaded (AADSTS90033)',
    rule: { match: { path: '/oauth2/v2.0/token' }, effect: { status: 503, code: '90033' } },
  },
  {
    name: 'spurious-401',
    what: 'a good token is refused',
    rule: { match: { path: '/users/**' }, effect: { status: 401 } },
  },
  {
    name: 'slow',
    what: 'everything takes three seconds longer',
    rule: { match: {}, effect: { slowMs: 3_000 } },
  },
  {
    name: 'late',
    what: 'what is written shows after a minute',
    rule: { match: {}, effect: { lagMs: 60_000 } },
  },
];
