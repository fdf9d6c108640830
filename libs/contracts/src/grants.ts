import { z } from 'zod';
import { id, instantIn, instantOut, nothing, oneById, pageOf, pageQuery, text, unitRole } from './fields.js';
import { route } from './route.js';

export const grantState = z.enum([
  'scheduled',
  'starting',
  'active',
  'failed',
  'ending',
  'ended',
  'left_behind',
]);

const proof = z
  .strictObject({
    readAt: instantOut.meta({ description: 'When Curfew read it.' }),
    graphAt: instantOut.meta({ description: "Microsoft Graph's own time of the reading." }),
    enabled: z.boolean().nullable(),
    objectFound: z.boolean(),
    roles: z
      .array(text(200))
      .meta({ description: 'Ids of roles; one in a smaller scope than the tenant with `@` and its scope.' }),
    groups: z.array(text(200)),
    methods: z.array(text(200)),
  })
  .meta({ id: 'Proof', description: 'What Entra said when it was read back after the end.' });

export const grant = z
  .strictObject({
    id,
    requestId: id,
    customerId: id,
    technicianId: id,
    policyId: id,
    upn: text(200).meta({ description: 'The user principal name to sign in with.' }),
    credential: z.enum(['pass', 'password', 'both']),
    endAction: z.enum(['disable', 'delete']),
    roles: z.array(text(36)).meta({ description: 'In the whole tenant.' }),
    unitRoles: z.array(unitRole),
    groups: z.array(text(36)),
    state: grantState,
    waitsForRole: z.boolean().meta({
      description:
        'While it is starting: Entra, which is to end the role by itself, has yet to take it. A new account may wait for that ' +
        'for two minutes.',
    }),
    createdAt: instantOut,
    startsAt: instantOut,
    expiresAt: instantOut,
    latestExpiresAt: instantOut.meta({ description: 'The furthest that it can be extended to.' }),
    activeAt: instantOut.nullable().meta({ description: 'When everything had been given.' }),
    endingAt: instantOut.nullable().meta({ description: 'When its end was asked for, or fell due.' }),
    takenAt: instantOut.nullable().meta({ description: 'When Graph had accepted every take-away.' }),
    endedAt: instantOut.nullable().meta({ description: 'When a read-back proved that nothing is left.' }),
    endReason: z
      .enum([
        'expired',
        'ended_by_technician',
        'ended_by_admin',
        'policy_removed',
        'failed',
        'stopped_in_entra',
        'killed',
        'restored',
        'technician_left',
        'technician_suspended',
        'not_entitled',
        'outside_hours',
        'customer_removed',
        'connection_removed',
      ])
      .nullable(),
    failure: z.strictObject({ code: text(100), message: text(2_000) }).nullable(),
    proofs: z.array(proof),
    reveals: z.int().meta({ description: 'How often its credential was shown.' }),
  })
  .meta({ id: 'Grant' });
export type GrantOut = z.output<typeof grant>;

export const revealedCredentials = z
  .strictObject({
    upn: text(200),
    password: text(300).nullable(),
    pass: z
      .strictObject({
        value: text(300),
        expiresAt: instantOut,
        usable: z.boolean().meta({ description: "False: the tenant's policy will refuse it at sign-in." }),
      })
      .nullable()
      .meta({ description: 'A Temporary Access Pass, made for this answer and kept nowhere.' }),
    expiresAt: instantOut.meta({ description: 'When the grant ends.' }),
  })
  .meta({ id: 'RevealedCredentials' });

const tag = 'Grants';

export const grantRoutes = {
  listGrants: route({
    id: 'listGrants',
    tag,
    method: 'GET',
    path: '/api/v1/grants',
    permission: 'grant:read',
    summary: 'List grants, newest first',
    request: {
      query: pageQuery({
        customerId: id.optional(),
        technicianId: id.optional(),
        state: grantState.optional(),
      }),
    },
    success: { status: 200, description: 'A page of those that you may see.', schema: pageOf(grant) },
    refusals: [],
  }),
  getGrant: route({
    id: 'getGrant',
    tag,
    method: 'GET',
    path: '/api/v1/grants/{id}',
    permission: 'grant:read',
    summary: 'Read a grant, its timeline and the proof of its end',
    request: { params: oneById },
    success: { status: 200, description: 'The grant.', schema: grant },
    refusals: [404],
  }),
  revealCredentials: route({
    id: 'revealCredentials',
    tag,
    method: 'POST',
    path: '/api/v1/grants/{id}/credentials',
    permission: 'grant:reveal',
    summary: 'Show the credential of your own active grant',
    description:
      'Written in the audit log and counted; only so many times per grant. May wait some seconds for Entra to know a new ' +
      'account.',
    request: { params: oneById, body: nothing },
    success: {
      status: 200,
      description: 'The credential. It is shown here and nowhere else.',
      schema: revealedCredentials,
    },
    refusals: [404, 409],
  }),
  extendGrant: route({
    id: 'extendGrant',
    tag,
    method: 'POST',
    path: '/api/v1/grants/{id}/extend',
    permission: 'grant:extend',
    summary: 'Move the end of your own running grant later',
    request: { params: oneById, body: z.strictObject({ expiresAt: instantIn }) },
    success: { status: 200, description: 'The grant with its new end.', schema: grant },
    refusals: [404, 409],
  }),
  endGrant: route({
    id: 'endGrant',
    tag,
    method: 'POST',
    path: '/api/v1/grants/{id}/end',
    permission: 'grant:end',
    summary: 'End a grant now',
    request: { params: oneById, body: nothing },
    success: { status: 200, description: 'The grant, ending.', schema: grant },
    refusals: [404, 409],
  }),
};
