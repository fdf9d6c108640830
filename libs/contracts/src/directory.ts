import { z } from 'zod';
import { id, instantOut, line, oneById, pageOf, pageQuery, text } from './fields.js';
import { route } from './route.js';

const MOST_PLACE = 1_200;
const MOST_NAME = 256;

const place = z
  .string()
  .max(MOST_PLACE)
  .regex(/^[\w-]+$/, 'must be the nextCursor of a page')
  .optional()
  .meta({ description: 'nextCursor of the page before.' });

const fresh = z
  .enum(['true', 'false'])
  .default('false')
  .transform((value) => value === 'true')
  .meta({ description: 'true: the tenant is asked anew, whatever is remembered.' });

const listQuery = pageQuery({ fresh }).extend({ cursor: place });

const notes = z
  .array(
    z.strictObject({
      code: z.enum([
        'unverified',
        'federated',
        'initial',
        'dynamic',
        'synced',
        'mail_only',
        'microsoft_365',
        'role_assignable',
        'privileged',
        'privileged_unknown',
        'restricted',
      ]),
      message: text(1_000),
    }),
  )
  .max(10)
  .meta({ description: 'What follows when it is chosen, at this customer.' });

const name = text(MOST_NAME);

export const directoryDomain = z
  .strictObject({
    name: text(MOST_NAME),
    verified: z.boolean(),
    managed: z.boolean().meta({ description: 'Passwords and passes are Entra’s own; false: federated.' }),
    isDefault: z.boolean(),
    initial: z.boolean().meta({ description: "The tenant's own .onmicrosoft.com, which can't be lost." }),
    usable: z.boolean().meta({ description: 'It can be chosen; if not, `notes` say why.' }),
    notes,
  })
  .meta({ id: 'DirectoryDomain' });
export type DirectoryDomainOut = z.output<typeof directoryDomain>;

export const directoryGroup = z
  .strictObject({
    id,
    displayName: name,
    dynamic: z.boolean().meta({ description: 'A rule decides who is in it.' }),
    synced: z.boolean().meta({ description: 'It comes from an on-premises directory.' }),
    mailEnabled: z.boolean(),
    roleAssignable: z.boolean().meta({ description: 'Its members count as admins.' }),
    manageable: z.boolean().meta({ description: 'Curfew can give it; if not, `notes` say why.' }),
    notes,
  })
  .meta({ id: 'DirectoryGroup' });
export type DirectoryGroupOut = z.output<typeof directoryGroup>;

export const directoryRole = z
  .strictObject({
    id,
    templateId: id,
    displayName: name,
    builtIn: z.boolean().meta({ description: "One of Microsoft's; false: one of the tenant's own." }),
    privileged: z
      .boolean()
      .nullable()
      .meta({ description: 'As Microsoft marks it; null: nobody says, so take it for privileged.' }),
    notes,
  })
  .meta({ id: 'DirectoryRole' });
export type DirectoryRoleOut = z.output<typeof directoryRole>;

export const directoryUnit = z
  .strictObject({
    id,
    displayName: name,
    restricted: z
      .boolean()
      .meta({ description: 'Only who holds a role at this unit may change its members.' }),
    notes,
  })
  .meta({ id: 'DirectoryUnit' });
export type DirectoryUnitOut = z.output<typeof directoryUnit>;

const listOf = <Item extends z.ZodType>(item: Item) =>
  pageOf(item).extend({
    nextCursor: text(MOST_PLACE)
      .nullable()
      .meta({ description: 'Send it as `cursor` for the next page; null: this was the last.' }),
    total: z.int().meta({ description: 'How many were read, on all pages.' }),
    complete: z.boolean().meta({ description: 'The tenant has no more than these.' }),
    why: z
      .strictObject({ code: text(100), message: text(2_000), remedy: text(1_000) })
      .nullable()
      .meta({
        description:
          'Why the list is not complete: `more_than_read`, or a code of the reference of errors; null: it is complete.',
      }),
    readAt: instantOut.meta({ description: 'When the tenant was asked: up to a minute ago.' }),
  });

const tag = 'Directory';
const told =
  'In the order of their names. The tenant is asked once in a minute for each question, or when `fresh` is sent; whoever asks ' +
  'at the same time shares the call.';

export const directoryRoutes = {
  listDirectoryDomains: route({
    id: 'listDirectoryDomains',
    tag,
    method: 'GET',
    path: '/api/v1/customers/{id}/directory/domains',
    permission: 'directory:read',
    summary: "The domains of a customer's tenant, with those on which accounts can be made",
    description: told,
    request: { params: oneById, query: listQuery },
    success: { status: 200, description: 'A page of domains.', schema: listOf(directoryDomain) },
    refusals: [404, 409],
  }),
  listDirectoryGroups: route({
    id: 'listDirectoryGroups',
    tag,
    method: 'GET',
    path: '/api/v1/customers/{id}/directory/groups',
    permission: 'directory:read',
    summary: "The groups of a customer's tenant, with what follows when one is given",
    description: `${told} No more than 999 groups are read for one question: in a larger tenant, search.`,
    request: {
      params: oneById,
      query: listQuery.extend({
        search: line(MOST_NAME).optional().meta({
          description:
            'How the name, or a word of it, begins. Entra’s index answers, and learns of a new group after some minutes.',
        }),
      }),
    },
    success: { status: 200, description: 'A page of groups.', schema: listOf(directoryGroup) },
    refusals: [404, 409],
  }),
  listDirectoryRoles: route({
    id: 'listDirectoryRoles',
    tag,
    method: 'GET',
    path: '/api/v1/customers/{id}/directory/roles',
    permission: 'directory:read',
    summary: "The directory roles of a customer's tenant, Microsoft's and its own, that are switched on",
    description: told,
    request: { params: oneById, query: listQuery },
    success: { status: 200, description: 'A page of roles.', schema: listOf(directoryRole) },
    refusals: [404, 409],
  }),
  listDirectoryUnits: route({
    id: 'listDirectoryUnits',
    tag,
    method: 'GET',
    path: '/api/v1/customers/{id}/directory/units',
    permission: 'directory:read',
    summary: "The administrative units of a customer's tenant",
    description: told,
    request: { params: oneById, query: listQuery },
    success: { status: 200, description: 'A page of administrative units.', schema: listOf(directoryUnit) },
    refusals: [404, 409],
  }),
};
