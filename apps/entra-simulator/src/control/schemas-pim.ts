import { z } from 'zod';

const assignmentRules = z
  .strictObject({
    maximumDuration: z.string().regex(/^P(?!$)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$/),
    isExpirationRequired: z.boolean(),
    enabledRules: z.array(z.enum(['Justification', 'MultiFactorAuthentication', 'Ticketing'])).max(3),
  })
  .partial();

export const rolePolicies = z
  .array(
    z.strictObject({
      role: z.string().optional(),
      active: assignmentRules.optional(),
      eligible: assignmentRules.optional(),
    }),
  )
  .max(200);

export const pimSettings = z
  .strictObject({
    requestsPerMinute: z.int().min(1),
    provisioningMs: z.number().min(0).max(3_600_000),
  })
  .partial();

const role = { userId: z.string(), roleId: z.string(), kind: z.enum(['active', 'eligible']).optional() };
const instant = z.iso.datetime({ offset: true }).optional();

export const scheduleActions = [
  z.strictObject({
    do: z.literal('scheduleRole'),
    ...role,
    startDateTime: instant,
    endDateTime: instant,
  }),
  z.strictObject({ do: z.literal('unscheduleRole'), ...role }),
] as const;
