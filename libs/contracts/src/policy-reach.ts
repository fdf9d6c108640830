import { z } from 'zod';
import { changedTerms, policyWarning } from './access-policies.js';
import { id, limit, oneById, pageOf, text, unitRole } from './fields.js';
import { route } from './route.js';

const tier = z.enum(['limited', 'admin']).meta({
  description:
    "`limited`: one of Microsoft's roles whose holders a User Administrator may disable. `admin`: any other, for which Curfew's service " +
    'principal needs Privileged Authentication Administrator.',
});
const withheld = z.boolean().meta({ description: "Above the organization's ceiling: it is not given." });
const countOfGrants = z.int().meta({ description: 'Grants.' });

const effectCounts = {
  ended: countOfGrants.meta({ description: 'Grants that would be over at once, or never begin.' }),
  shortened: countOfGrants.meta({ description: 'Grants that would end earlier.' }),
  reduced: countOfGrants.meta({ description: 'Grants from which roles or groups would be taken.' }),
  moved: countOfGrants.meta({ description: 'Grants that another policy would judge from then on.' }),
};

const reach = {
  policyId: id.nullable().meta({ description: 'Null: it is not saved yet.' }),
  customerId: id.nullable(),
  name: text(100),
  technicians: pageOf(
    z.strictObject({
      id,
      username: text(64),
      displayName: text(200),
      role: z.enum(['owner', 'admin', 'approver', 'technician', 'auditor']),
    }),
  ).extend({
    total: z.int(),
  }),
  technicianGroups: z.array(
    z.strictObject({ id, name: text(200), state: z.enum(['active', 'archived']), members: z.int() }),
  ),
  customers: pageOf(
    z.strictObject({
      id,
      name: text(200),
      usable: z.boolean().meta({ description: 'The policy can be used there at present.' }),
      obstacles: z
        .array(
          z.enum([
            'closing',
            'overridden',
            'not_connected',
            'connection_removing',
            'credential_refused',
            'pass_unavailable',
          ]),
        )
        .meta({ description: 'Why it can not.' }),
      overriddenBy: z.strictObject({ id, name: text(100) }).nullable(),
    }),
  ).extend({
    total: z.int(),
    usableAt: z.int().meta({ description: 'At how many of them it can be used at present.' }),
  }),
  roles: z.array(z.strictObject({ roleId: text(36), tier, withheld })),
  unitRoles: z.array(unitRole.extend({ tier, withheld })),
  groups: z.array(text(36)),
  credential: z.enum(['pass', 'password', 'both']),
  defaultDurationSeconds: z.int(),
  maximumDurationSeconds: z.int(),
  longestSeconds: z.int().meta({
    description:
      'No grant can last longer: the maximum, or the longest time that the hours are open without a break.',
  }),
  timeZone: text(64).nullable().meta({ description: 'Of its hours; null: at any time.' }),
  warnings: z.array(policyWarning),
  complete: z.boolean().meta({ description: 'False: there is more than was looked at.' }),
};

const policyReach = z.strictObject(reach).meta({
  id: 'PolicyReach',
  description: 'Who may get what by an access policy, where and for how long, as all of it is now.',
});
export type PolicyReachOut = z.output<typeof policyReach>;

const policyPreview = z
  .strictObject({
    ...reach,
    effects: z.strictObject({
      ...effectCounts,
      customers: z
        .array(z.strictObject({ customerId: id, ...effectCounts }))
        .max(100)
        .meta({
          description: 'At which customers, the oldest first, a hundred at most.',
        }),
    }),
  })
  .meta({
    id: 'PolicyPreview',
    description: 'What a policy would reach, and what saving it would do to grants.',
  });
export type PolicyPreviewOut = z.output<typeof policyPreview>;

const paging = z.strictObject({
  technicianCursor: id.optional().meta({ description: '`nextCursor` of the technicians before.' }),
  customerCursor: id.optional().meta({ description: '`nextCursor` of the customers before.' }),
  limit,
});

const tag = 'Access policies';

export const policyReachRoutes = {
  previewAccessPolicy: route({
    id: 'previewAccessPolicy',
    tag,
    method: 'POST',
    path: '/api/v1/access-policies/preview',
    permission: 'access-policy:write',
    summary: 'Tell what an access policy would reach and do, without saving it',
    description: 'Refused with what saving it would be refused with.',
    request: {
      query: paging,
      body: z.strictObject({
        policyId: id.nullable().default(null).meta({
          description: 'The policy that would be changed; null or left out: it would be a new one.',
        }),
        customerId: id
          .nullable()
          .default(null)
          .meta({ description: 'Of a new one; null: for all customers.' }),
        state: z.enum(['active', 'archived']).default('active'),
        ...changedTerms,
      }),
    },
    success: { status: 200, description: 'What it would reach, and do.', schema: policyPreview },
    refusals: [404, 409],
  }),
  getAccessPolicyReach: route({
    id: 'getAccessPolicyReach',
    tag,
    method: 'GET',
    path: '/api/v1/access-policies/{id}/reach',
    permission: 'technician:read',
    summary: 'Tell who may get what by an access policy, where and for how long',
    request: { params: oneById, query: paging },
    success: { status: 200, description: 'What it reaches.', schema: policyReach },
    refusals: [404],
  }),
};
