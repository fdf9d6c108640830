import { z } from 'zod';
import { id, instantOut, oneById, text } from './fields.js';
import { route } from './route.js';

const tier = z.enum(['limited', 'admin']);

const takeBackTier = z.strictObject({
  tier: tier.meta({
    description:
      "`limited`: holders of Microsoft's harmless roles, whom a User Administrator may disable too. `admin`: all others.",
  }),
  state: z.enum(['unproven', 'running', 'proven', 'failed', 'lost']).meta({
    description:
      '`running`: canaries are under way. `failed`: not all of what a canary was given could be taken back. ' +
      '`lost`: it could be once. Where it is `failed` or `lost` no access with roles of this tier is given.',
  }),
  verdict: z
    .enum(['proven', 'failed', 'lost'])
    .nullable()
    .meta({ description: 'What counts meanwhile; null: nothing is known yet.' }),
  at: instantOut.nullable().meta({ description: 'Since when.' }),
  cause: z
    .strictObject({
      code: text(100),
      says: text(4_000).meta({ description: "What Entra answered, by Graph's own code." }),
      mend: text(4_000).meta({ description: 'What to do about it.' }),
    })
    .nullable(),
});

export const takeBack = z.strictObject({ customerId: id, tiers: z.array(takeBackTier) }).meta({
  id: 'TakeBack',
  description: "Whether Curfew can take back in a customer's tenant what it gives there, tier by tier.",
});
export type TakeBackOut = z.output<typeof takeBack>;

const tag = 'Customers';

export const takeBackRoutes = {
  runCanary: route({
    id: 'runCanary',
    tag,
    method: 'POST',
    path: '/api/v1/customers/{id}/entra-connection/canary',
    permission: 'entra-connection:validate',
    summary: 'Prove that Curfew can take back what it gives there',
    description:
      "Throw-away accounts are made in the customer's tenant, given a role that may only read, disabled with the role in hand, " +
      'or rid of the role first, and deleted: within five minutes, whatever breaks. What came of it is read with GET.',
    request: {
      params: oneById,
      body: z.strictObject({
        tiers: z.array(tier).min(1).max(2).optional().meta({
          description:
            'Left out: those of the roles that the access policies give there; all where they give none.',
        }),
      }),
    },
    success: { status: 202, description: 'Under way.', schema: takeBack },
    refusals: [404, 409, 503],
  }),
  getTakeBack: route({
    id: 'getTakeBack',
    tag,
    method: 'GET',
    path: '/api/v1/customers/{id}/entra-connection/canary',
    permission: 'entra-connection:read',
    summary: 'Read whether Curfew can take back what it gives there, tier by tier',
    request: { params: oneById },
    success: { status: 200, description: 'What is known of each tier.', schema: takeBack },
    refusals: [404, 409],
  }),
};
