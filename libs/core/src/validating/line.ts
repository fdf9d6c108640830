import type { LineId, ValidateLine, Verdict } from '#core/tenancy';

export const pass = (id: LineId, says: string): ValidateLine => ({ id, verdict: 'pass', says, mend: null });
export const warn = (id: LineId, says: string, mend: string): ValidateLine => ({
  id,
  verdict: 'warn',
  says,
  mend,
});
export const fail = (id: LineId, says: string, mend: string): ValidateLine => ({
  id,
  verdict: 'fail',
  says,
  mend,
});

/** As grave as the gravest line. */
export const verdictOf = (lines: readonly Pick<ValidateLine, 'verdict'>[]): Verdict => {
  const has = (verdict: Verdict): boolean => lines.some((line) => line.verdict === verdict);
  if (has('fail')) return 'fail';
  return has('warn') ? 'warn' : 'pass';
};

/** `a`, `a and b`, `a, b and c`; of many the first few. */
export const listed = (names: readonly string[], most = 8): string => {
  const shown = names.slice(0, most);
  const rest = names.length - shown.length;
  const all = rest > 0 ? [...shown, `${rest} more`] : shown;
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
};
