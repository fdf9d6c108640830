import { z } from 'zod';
import { id, instantOut, nothing, oneById, pageOf, pageQuery, text } from './fields.js';
import { managedAccount } from './managed-accounts.js';
import { route } from './route.js';

const role = z.enum(['owner', 'admin', 'approver', 'technician', 'auditor']);

const fields = {
  id,
  username: text(40),
  displayName: text(200),
  role,
  state: z
    .enum(['active', 'suspended', 'left'])
    .meta({ description: 'left is final: the accounts of that person are deleted everywhere.' }),
  createdAt: instantOut,
};

export const technician = z.strictObject(fields).meta({ id: 'Technician' });
export type TechnicianOut = z.output<typeof technician>;

export const technicianDetail = z
  .strictObject({
    ...fields,
    technicianGroups: z
      .array(id)
      .meta({ description: 'The groups that the person is in, archived ones aside.' }),
    accounts: pageOf(managedAccount).meta({
      description: 'The first 100 accounts of the person; go on with GET /api/v1/technicians/{id}/accounts.',
    }),
  })
  .meta({ id: 'TechnicianDetail' });

const tag = 'Technicians';
const permission = 'technician:write';
const success = { status: 200, description: 'The technician as it is now.', schema: technician } as const;
const refusals = [404, 409] as const;

export const technicianRoutes = {
  listTechnicians: route({
    id: 'listTechnicians',
    tag,
    method: 'GET',
    path: '/api/v1/technicians',
    permission: 'technician:read',
    summary: 'List technicians, oldest first',
    request: { query: pageQuery({}) },
    success: { status: 200, description: 'A page of technicians.', schema: pageOf(technician) },
    refusals: [],
  }),
  getTechnician: route({
    id: 'getTechnician',
    tag,
    method: 'GET',
    path: '/api/v1/technicians/{id}',
    permission: 'technician:read',
    summary: 'Read a technician, with what there is of their accounts',
    request: { params: oneById },
    success: { status: 200, description: 'The technician.', schema: technicianDetail },
    refusals: [404],
  }),
  listTechnicianAccounts: route({
    id: 'listTechnicianAccounts',
    tag,
    method: 'GET',
    path: '/api/v1/technicians/{id}/accounts',
    permission: 'account:read',
    summary: 'List the accounts of a technician at all customers, oldest first',
    request: { params: oneById, query: pageQuery({}) },
    success: { status: 200, description: 'A page of accounts.', schema: pageOf(managedAccount) },
    refusals: [404],
  }),
  suspendTechnician: route({
    id: 'suspendTechnician',
    tag,
    method: 'POST',
    path: '/api/v1/technicians/{id}/suspend',
    permission,
    summary: 'Stop a technician at once',
    description:
      'No token lets in from now on, every grant ends, and nothing new is given. The accounts stay, parked. Sent again it ' +
      'changes nothing.',
    request: { params: oneById, body: nothing },
    success,
    refusals,
  }),
  reinstateTechnician: route({
    id: 'reinstateTechnician',
    tag,
    method: 'POST',
    path: '/api/v1/technicians/{id}/reinstate',
    permission,
    summary: 'Let a suspended technician in again',
    description: 'What ended stays ended, also what nobody has got round to taking away yet.',
    request: { params: oneById, body: nothing },
    success,
    refusals,
  }),
  removeTechnician: route({
    id: 'removeTechnician',
    tag,
    method: 'POST',
    path: '/api/v1/technicians/{id}/remove',
    permission,
    summary: 'A technician leaves, for good',
    description:
      'Tokens are worthless, grants end, and the accounts of that person are deleted at every customer, each with proof. ' +
      'There is no way back. Sent again it changes nothing.',
    request: { params: oneById, body: nothing },
    success,
    refusals,
  }),
  changeTechnicianRole: route({
    id: 'changeTechnicianRole',
    tag,
    method: 'PUT',
    path: '/api/v1/technicians/{id}/role',
    permission,
    summary: 'Give a technician another role',
    request: { params: oneById, body: z.strictObject({ role }) },
    success,
    refusals,
  }),
};
