import { z } from 'zod';
import { nothing, text } from './fields.js';
import { route } from './route.js';

/**
 * What Curfew promises, under which conditions, and what no one can take back. Word for word the same in README, docs and
 * API: a spec compares them.
 */
export const PROMISE = {
  promise:
    'Lateness (instant at which Graph accepted the disable, minus `expiresAt`) is at most 60 s while (a) PostgreSQL answers ' +
    "or the revoker's mirror of the next 15 minutes is fresh, (b) a worker or the revoker runs, and (c) that customer's " +
    'Graph accepts our credential and writes; healthy target p99 ≤ 3 s. If one of them is away for D, at most D + 60 s, and ' +
    'an alarm after 60 s.',
  residualTokens:
    "Tokens already issued live on for Entra's own limits (about 15 min in CAE-aware apps, up to 1 h elsewhere).",
  roleHolders:
    "Where Curfew's app does not hold the role Privileged Authentication Administrator, the 60 s cover the roles; disabling " +
    "a former role holder follows Entra's own lag.",
} as const;

const schema = z.strictObject({
  promise: text(1_000).meta({ description: 'How late an end is at most, and on which conditions.' }),
  residualTokens: text(1_000).meta({ description: 'What outlives an end, whatever anybody does.' }),
  roleHolders: text(1_000).meta({ description: 'What is less where we may not touch holders of roles.' }),
});

export const promiseRoutes = {
  getPromise: route({
    id: 'getPromise',
    tag: 'Promise',
    method: 'GET',
    path: '/api/v1/promise',
    permission: 'public',
    summary: 'What Curfew promises, and on which conditions',
    request: { query: nothing },
    success: { status: 200, description: 'The promise, word for word as in the documentation.', schema },
    refusals: [],
  }),
};
