import { z } from 'zod';
import { text } from './fields.js';

/**
 * A refusal (RFC 9457). Some codes add facts of their own, such as `grantId` or `missingPermissions`; where somebody else was
 * faster, `newer` can be what the thing is by now.
 */
export const problem = z
  .looseObject({
    type: text(200).meta({ description: 'urn:curfew:problem: and the code.' }),
    title: text(100).meta({ description: 'The status in words.' }),
    status: z.int().min(400).max(599),
    code: text(100).meta({ description: 'What is wrong, for programs: never renamed.' }),
    detail: text(1_000).meta({ description: 'What is wrong, for people.' }),
    remedy: text(1_000).meta({ description: 'What to do about it.' }),
    requestId: text(100).meta({ description: 'Quote it when you ask for help: it stands in the log.' }),
    errors: z
      .array(z.strictObject({ path: text(300), reason: text(300) }))
      .max(20)
      .optional()
      .meta({ description: 'With request.invalid: what is wrong where. Never what was sent.' }),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problem>;
