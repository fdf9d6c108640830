import { z } from 'zod';
import { createHeaders, id, instantOut, line, oneById, pageOf, pageQuery, text } from './fields.js';
import { route } from './route.js';

const fields = {
  id,
  name: text(100),
  state: z
    .enum(['active', 'archived'])
    .meta({ description: 'archived is final: the group entitles nobody any more.' }),
  createdAt: instantOut,
};

export const technicianGroup = z.strictObject(fields).meta({ id: 'TechnicianGroup' });
export type TechnicianGroupOut = z.output<typeof technicianGroup>;

const MOST_MEMBERS = 1_000;
const members = z.array(id).max(MOST_MEMBERS);
export const technicianGroupDetail = z
  .strictObject({ ...fields, technicianIds: members })
  .meta({ id: 'TechnicianGroupDetail' });

const tag = 'Technician groups';

export const technicianGroupRoutes = {
  createTechnicianGroup: route({
    id: 'createTechnicianGroup',
    tag,
    method: 'POST',
    path: '/api/v1/technician-groups',
    permission: 'technician-group:write',
    summary: 'Create a technician group, with nobody in it',
    request: { headers: createHeaders, body: z.strictObject({ name: line(100) }) },
    success: { status: 201, description: 'The group.', schema: technicianGroup },
    refusals: [409],
  }),
  listTechnicianGroups: route({
    id: 'listTechnicianGroups',
    tag,
    method: 'GET',
    path: '/api/v1/technician-groups',
    permission: 'technician-group:read',
    summary: 'List technician groups, oldest first',
    request: { query: pageQuery({}) },
    success: { status: 200, description: 'A page of groups.', schema: pageOf(technicianGroup) },
    refusals: [],
  }),
  getTechnicianGroup: route({
    id: 'getTechnicianGroup',
    tag,
    method: 'GET',
    path: '/api/v1/technician-groups/{id}',
    permission: 'technician-group:read',
    summary: 'Read a technician group, with its members',
    request: { params: oneById },
    success: { status: 200, description: 'The group.', schema: technicianGroupDetail },
    refusals: [404],
  }),
  changeTechnicianGroup: route({
    id: 'changeTechnicianGroup',
    tag,
    method: 'PUT',
    path: '/api/v1/technician-groups/{id}',
    permission: 'technician-group:write',
    summary: 'Rename a technician group, or archive it for good',
    description: 'Archiving ends every grant that stood on this group alone.',
    request: {
      params: oneById,
      body: z.strictObject({ name: line(100), state: z.enum(['active', 'archived']).default('active') }),
    },
    success: { status: 200, description: 'The group as it is now.', schema: technicianGroup },
    refusals: [404, 409],
  }),
  setGroupMembers: route({
    id: 'setGroupMembers',
    tag,
    method: 'PUT',
    path: '/api/v1/technician-groups/{id}/members',
    permission: 'technician-group:write',
    summary: 'Say who is in a technician group',
    description:
      'The whole list. Grants of whoever is in it no longer end at once, unless another group of the same access policy ' +
      'still entitles that person.',
    request: { params: oneById, body: z.strictObject({ technicianIds: members }) },
    success: { status: 200, description: 'The group with its members.', schema: technicianGroupDetail },
    refusals: [404, 409],
  }),
};
