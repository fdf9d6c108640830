import { z } from 'zod';

// What the control API accepts of faults and hold points.

const pattern = z.string().max(500);
const match = z.strictObject({
  method: z.string().max(10).optional(),
  path: pattern.optional(),
  part: z.enum(['batch-part', 'request', 'any']).optional(),
  body: pattern.optional(),
});
const moment = z.enum(['before-commit', 'after-commit']);
const status = z.int().min(200).max(599);
const commit = z.union([z.boolean(), z.literal('perhaps')]).optional();
/** Longer than any test waits, shorter than what a timer can't count. */
const duration = z.number().min(0).max(1_000_000_000);
const lagDomain = z.enum(['directory', 'index', 'pim', 'methods', 'authorisation', 'reports', 'consent']);

const effect = z.union([
  z.strictObject({
    status,
    code: z.string().optional(),
    message: z.string().optional(),
    retryAfter: z.number().min(0).optional(),
    retryAfterAs: z.enum(['seconds', 'date']).optional(),
    commit,
  }),
  z.strictObject({ garble: z.enum(['html', 'truncated', 'empty']), status: status.optional(), commit }),
  z.strictObject({ cut: z.enum(['before-commit', 'after-commit', 'mid-batch']) }),
  z.strictObject({ slowMs: duration, at: moment.optional() }),
  z.strictObject({
    lagMs: duration,
    fromMs: duration.optional(),
    replicas: z.int().min(1).max(50).optional(),
    of: z.array(lagDomain).min(1).optional(),
  }),
  z.strictObject({ deferMs: duration }),
  z.strictObject({ twice: z.literal(true) }),
  z.strictObject({ withoutPermissions: z.array(z.string()).min(1).max(100) }),
  z.strictObject({ withoutRoles: z.literal(true) }),
]);

const instant = z.iso.datetime({ offset: true });
const scope = {
  id: z.string().max(100).optional(),
  tenantId: z.string().optional(),
  probability: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
  times: z.int().min(1).optional(),
  after: z.int().min(0).optional(),
  from: instant.optional(),
  until: instant.optional(),
  forMs: duration.optional(),
};

const hasOneEnd = ({ until, forMs }: { until?: string | undefined; forMs?: number | undefined }): boolean =>
  until === undefined || forMs === undefined;
const oneEnd = { error: 'A rule ends by `until` or by `forMs`, not by both' };

export const faultRuleSchema = z.strictObject({ ...scope, match, effect }).refine(hasOneEnd, oneEnd);
export const namedFaultRuleSchema = z
  .strictObject({ ...scope, named: z.string(), match: match.optional(), ms: duration.optional() })
  .refine(hasOneEnd, oneEnd);

export const hookSpecSchema = z.strictObject({
  tenantId: z.string().optional(),
  match,
  at: moment,
  hold: z.literal(true),
});
export const releaseSchema = z.strictObject({ how: z.enum(['answer', 'cut']).optional() });
