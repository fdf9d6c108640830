import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { percentile } from '../../support/graph-witness.js';

/** Every invariant of reliability, in its order. Those that a scenario can't see are judged by the model and other suites. */
export const INVARIANTS = [
  'I1',
  'I2',
  'I3',
  'I4',
  'I5',
  'I6',
  'I7',
  'I8',
  'I9',
  'I10',
  'I11',
  'I12',
  'I13',
] as const;
export type InvariantName = (typeof INVARIANTS)[number];

export interface Report {
  readonly number: number;
  readonly title: string;
  readonly queue: string;
  /** Milliseconds at the simulator. */
  readonly lateness: {
    readonly count: number;
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
  };
  /** Violations by invariant; an invariant that was not judged is missing. */
  readonly invariants: Partial<Record<InvariantName, readonly string[]>>;
  /** Why the scenario itself failed; null: it did not. */
  readonly failure: string | null;
}

export const latenessOf = (values: readonly number[]): Report['lateness'] => ({
  count: values.length,
  p50: percentile(values, 0.5),
  p99: percentile(values, 0.99),
  max: percentile(values, 1),
});

/** One file for each scenario and queue, for whoever asked for a table of them; nobody else gets any. */
export const writeReport = (report: Report): void => {
  const directory = process.env['CURFEW_FAULTS_REPORT'];
  if (directory === undefined) return;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${report.number}-${report.queue}.json`), JSON.stringify(report));
};
