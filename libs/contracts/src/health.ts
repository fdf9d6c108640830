import { z } from 'zod';
import { nothing } from './fields.js';
import { route } from './route.js';

const tag = 'Health';
const schema = z.strictObject({ status: z.literal('ok') });

export const healthRoutes = {
  live: route({
    id: 'live',
    tag,
    method: 'GET',
    path: '/api/v1/health/live',
    permission: 'public',
    summary: 'Whether the process runs',
    request: { query: nothing },
    success: { status: 200, description: 'It runs.', schema },
    refusals: [],
  }),
  ready: route({
    id: 'ready',
    tag,
    method: 'GET',
    path: '/api/v1/health/ready',
    permission: 'public',
    summary: 'Whether the process can serve: its database answers',
    request: { query: nothing },
    success: { status: 200, description: 'It can.', schema },
    refusals: [],
  }),
};
