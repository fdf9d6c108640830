import { z } from 'zod';
import { faultRuleSchema, namedFaultRuleSchema } from '../control/fault-schemas.js';
import { guid, settingsSchema, tenantSpecSchema } from '../control/schemas.js';

/** What a seed file may say: the same words as the control API takes, for whole tenants at once. */
export const seedSchema = z.strictObject({
  /** For editors: the schema beside the example. */
  $schema: z.string().optional(),
  /** By the tenant's id. */
  tenants: z.record(guid, tenantSpecSchema),
  settings: settingsSchema.optional(),
  faults: z
    .array(z.union([namedFaultRuleSchema, faultRuleSchema]))
    .max(1_000)
    .optional(),
});

/** The same as a JSON Schema, by which an editor completes and checks a seed file. */
export function seedJsonSchema(): object {
  return { title: 'Seed of the Entra simulator', ...z.toJSONSchema(seedSchema, { io: 'input' }) };
}
