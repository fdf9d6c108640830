import { z } from 'zod';
import { id, instantOut, text } from './fields.js';

/** An account of ours in a customer's tenant. */
export const managedAccount = z
  .strictObject({
    id,
    customerId: id,
    technicianId: id.nullable(),
    upn: text(300),
    objectId: text(100).nullable().meta({ description: 'In Entra; null: none is known.' }),
    state: z.enum(['not_made', 'enabled', 'parked', 'removing', 'removed', 'left_behind']).meta({
      description:
        'not_made: nothing of it is in Entra; removing: its object is to go, and no read-back has shown yet that it has; ' +
        'removed: a read-back did not find it, see proof; left_behind: given up without proof.',
    }),
    why: z
      .enum(['technician_left', 'customer_removed', 'connection_removed', 'unused', 'ended_with_delete'])
      .nullable()
      .meta({ description: 'Why its object is to go; null: it stays.' }),
    mayHold: z
      .strictObject({
        enabled: z.boolean(),
        roles: z.array(text(300)),
        groups: z.array(text(100)),
        pass: z.boolean(),
      })
      .meta({ description: 'What it may hold in Entra at worst, as far as is known.' }),
    failure: z
      .strictObject({ reason: text(100), message: text(2_000), sinceAt: instantOut })
      .nullable()
      .meta({ description: 'What stands in the way.' }),
    removedAt: instantOut.nullable(),
    proof: z
      .strictObject({ readAt: instantOut, graphAt: instantOut, objectFound: z.literal(false) })
      .nullable()
      .meta({
        description: 'The first read-back that did not find the object, with the time of Graph itself.',
      }),
    leftBehindAt: instantOut.nullable(),
    createdAt: instantOut,
  })
  .meta({ id: 'ManagedAccount' });
export type ManagedAccountOut = z.output<typeof managedAccount>;
