import { z } from 'zod';
import { id, line, oneById, pageOf, pageQuery } from './fields.js';
import { managedAccount } from './managed-accounts.js';
import { route } from './route.js';

const MOST_LISTED = 1_000;

export const removal = z
  .strictObject({
    customerId: id,
    customer: z.enum(['active', 'removing', 'removed']),
    connection: z
      .enum(['active', 'removing'])
      .nullable()
      .meta({ description: 'Null: there is none, or none any more.' }),
    notClosed: z.array(managedAccount).max(MOST_LISTED).meta({
      description: 'Accounts of ours whose end is not proven. While there is one, the connection stays.',
    }),
    leftBehind: z.array(managedAccount).max(MOST_LISTED).meta({
      description:
        'Accounts that were given up without proof: disable and delete them by hand in the tenant, by objectId or upn.',
    }),
  })
  .meta({ id: 'Removal' });
export type RemovalOut = z.output<typeof removal>;

const tag = 'Customers';
const WHAT_HAPPENS =
  'It is never refused because something runs: every grant there ends at once, nothing new is given, and every account of ' +
  'ours is deleted from the tenant. When each is proven gone the credential is deleted by itself. Sent again it answers how ' +
  'far that has come.';

export const removalRoutes = {
  removeEntraConnection: route({
    id: 'removeEntraConnection',
    tag,
    method: 'DELETE',
    path: '/api/v1/customers/{id}/entra-connection',
    permission: 'entra-connection:remove',
    summary: "Begin to remove a customer's Entra connection",
    description: WHAT_HAPPENS,
    request: { params: oneById },
    success: { status: 202, description: 'What is not proven closed yet.', schema: removal },
    refusals: [404, 409],
  }),
  removeCustomer: route({
    id: 'removeCustomer',
    tag,
    method: 'DELETE',
    path: '/api/v1/customers/{id}',
    permission: 'customer:remove',
    summary: 'Begin to remove a customer, with its Entra connection',
    description: `${WHAT_HAPPENS} The customer's record stays, for the audit log.`,
    request: { params: oneById },
    success: { status: 202, description: 'What is not proven closed yet.', schema: removal },
    refusals: [404, 409],
  }),
  getRemoval: route({
    id: 'getRemoval',
    tag,
    method: 'GET',
    path: '/api/v1/customers/{id}/removal',
    permission: 'account:read',
    summary: 'How far a removal has come, and what was left behind',
    request: { params: oneById },
    success: {
      status: 200,
      description: 'What is not proven closed, and what nobody will prove.',
      schema: removal,
    },
    refusals: [404],
  }),
  leaveBehind: route({
    id: 'leaveBehind',
    tag,
    method: 'POST',
    path: '/api/v1/customers/{id}/entra-connection/leave-behind',
    permission: 'entra-connection:leave-behind',
    summary: 'Give up, by name, what can not be proven closed, and delete the credential',
    description:
      'For a tenant that is gone, or lets Curfew in no more. The accounts must be exactly those in notClosed of the ' +
      'removal, which shows that you have seen them; whatever they hold in the tenant they hold until somebody there takes ' +
      'it. They stay listed, are never shown as closed, and the audit log names them.',
    request: {
      params: oneById,
      body: z.strictObject({ reason: line(500), accounts: z.array(id).max(MOST_LISTED) }),
    },
    success: { status: 200, description: 'What was left behind, to be taken by hand.', schema: removal },
    refusals: [404, 409],
  }),
  listCustomerAccounts: route({
    id: 'listCustomerAccounts',
    tag,
    method: 'GET',
    path: '/api/v1/customers/{id}/accounts',
    permission: 'account:read',
    summary: 'List our accounts at a customer, oldest first',
    request: { params: oneById, query: pageQuery({}) },
    success: { status: 200, description: 'A page of accounts.', schema: pageOf(managedAccount) },
    refusals: [404],
  }),
};
