import { z } from 'zod';
import { id, text } from './fields.js';
import { route } from './route.js';

const roleCeiling = z
  .strictObject({
    roles: z
      .array(text(36))
      .nullable()
      .meta({ description: 'The directory roles that may be given at most; null: all of them.' }),
    version: z.int(),
    policiesAbove: z
      .array(
        z.strictObject({
          id,
          customerId: id.nullable(),
          name: text(100),
          withheldRoles: z.array(text(36)),
        }),
      )
      .max(100)
      .meta({
        description:
          'Access policies in use that name roles above it, and give only the rest; a hundred at most.',
      }),
  })
  .meta({ id: 'RoleCeiling' });
export type RoleCeilingOut = z.output<typeof roleCeiling>;

const tag = 'Role ceiling';

export const roleCeilingRoutes = {
  getRoleCeiling: route({
    id: 'getRoleCeiling',
    tag,
    method: 'GET',
    path: '/api/v1/role-ceiling',
    permission: 'role-ceiling:read',
    summary: 'Read which directory roles may be given at most',
    request: {},
    success: { status: 200, description: 'The ceiling.', schema: roleCeiling },
    refusals: [],
  }),
  changeRoleCeiling: route({
    id: 'changeRoleCeiling',
    tag,
    method: 'PUT',
    path: '/api/v1/role-ceiling',
    permission: 'role-ceiling:write',
    summary: 'Say which directory roles may be given at most',
    description:
      'Roles above it are taken from running grants at once, and the access policies that name them give only the rest. What ' +
      'a group carries with it is not seen here.',
    request: {
      body: z.strictObject({
        version: z.int().min(1).meta({ description: 'The version that you read.' }),
        roles: z.array(id).max(500).nullable().meta({
          description:
            'Template ids of built-in directory roles, or ids of custom ones; null: all may be given; empty: none.',
        }),
      }),
    },
    success: { status: 200, description: 'The ceiling as it is now.', schema: roleCeiling },
    refusals: [409],
  }),
};
