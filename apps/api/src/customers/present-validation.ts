import type { ValidationOut } from '#contracts';
import type { Validation } from '#core/tenancy';
import { iso } from '../wire.js';

export const presentValidation = ({
  customerId,
  connectionVersion,
  at,
  verdict,
  lines,
}: Validation): ValidationOut => ({
  customerId,
  connectionVersion,
  at: iso(at),
  verdict,
  lines: lines.map(({ id, verdict: own, says, mend }) => ({ id, verdict: own, says, mend })),
});
