import type { ValidationRunLineOut, ValidationRunOut } from '#contracts';
import type {
  ValidationLine,
  ValidationLineState,
  ValidationRun,
  ValidationRunProgress,
} from '#core/tenancy';
import { iso, isoOrNull } from '../wire.js';

const states = {
  running: 'running',
  done: 'done',
  cancelled: 'cancelled',
} as const satisfies Record<ValidationRun['state'], ValidationRunOut['state']>;

const lineStates = {
  waiting: 'waiting',
  running: 'running',
  pass: 'pass',
  warn: 'warn',
  fail: 'fail',
  could_not: 'could_not',
  cancelled: 'cancelled',
} as const satisfies Record<ValidationLineState, ValidationRunLineOut['state']>;

export const presentValidationRun = ({ run, counts }: ValidationRunProgress): ValidationRunOut => {
  const { could_not: couldNot, ...others } = counts;
  return {
    id: run.id,
    state: states[run.state],
    begunAt: iso(run.begunAt),
    endedAt: isoOrNull(run.endedAt),
    customers: Object.values(counts).reduce((sum, count) => sum + count, 0),
    counts: { ...others, couldNot },
  };
};

export const presentValidationLine = (line: ValidationLine): ValidationRunLineOut => ({
  customerId: line.customerId,
  name: line.name,
  state: lineStates[line.state],
  endedAt: isoOrNull(line.endedAt),
  why: line.why === null ? null : { ...line.why },
});
