import { accessErrors } from '#core/access';
import { identityErrors } from '#core/identity';
import {
  VALIDATION_CLAIM_MS,
  type CustomerId,
  type Instant,
  type OrganizationId,
  type ValidationClaim,
  type ValidationRunId,
} from '#core/shared';
import {
  VALIDATION_LINE_STATES,
  type ValidationLine,
  type ValidationLineEnd,
  type ValidationLineState,
  type ValidationRun,
  type ValidationRunProgress,
  type ValidationRunStore,
} from '#core/tenancy';
import { validatingErrors } from '#core/validating';
import type { InMemoryDatabase, ValidationLineRow } from './in-memory-database.js';
import { compare } from './in-memory-page.js';
import type { InMemoryTransaction } from './in-memory-transaction.js';

const keyOf = ({ runId, customerId }: Pick<ValidationLineRow, 'runId' | 'customerId'>): string =>
  `${runId} ${customerId}`;

const isFree = ({ state, claimedUntil }: ValidationLineRow, now: Instant): boolean =>
  state === 'waiting' && (claimedUntil === null || claimedUntil <= now);

const shown = (row: ValidationLineRow, now: Instant): ValidationLineState =>
  row.state === 'waiting' && !isFree(row, now) ? 'running' : row.state;

/** In turns between organizations: whoever has the fewest lines under way is next. */
export const claimValidations = (
  database: InMemoryDatabase,
  now: Instant,
  limit: number,
): readonly ValidationClaim[] => {
  const turns = new Map<OrganizationId, number>();
  const rows = database.validationLines.everything();
  for (const row of rows)
    if (shown(row, now) === 'running')
      turns.set(row.organizationId, (turns.get(row.organizationId) ?? 0) + 1);
  const inTurn = (row: ValidationLineRow) => {
    const turn = (turns.get(row.organizationId) ?? 0) + 1;
    turns.set(row.organizationId, turn);
    return { row, turn };
  };
  return rows
    .filter((row) => isFree(row, now))
    .sort((a, b) => a.epoch - b.epoch || compare(a.customerId, b.customerId))
    .map(inTurn)
    .sort(
      (a, b) => a.turn - b.turn || a.row.epoch - b.row.epoch || compare(a.row.customerId, b.row.customerId),
    )
    .slice(0, limit)
    .map(({ row }) => {
      const claim = { epoch: row.epoch + 1, claimedUntil: now + VALIDATION_CLAIM_MS };
      database.validationLines.put(row.organizationId, keyOf(row), { ...row, ...claim });
      const { organizationId, runId, customerId } = row;
      return { organizationId, runId, customerId, ...claim };
    });
};

export class InMemoryValidationRunStore implements ValidationRunStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  insert(run: ValidationRun, customerIds: readonly CustomerId[]): Promise<void> {
    return this.tx.run(() => {
      const { organizations, customers, validationRuns, validationLines } = this.tx.database;
      const { organizationId } = this.tx;
      this.tx.own(run);
      const isRunning = validationRuns.of(organizationId).some(({ state }) => state === 'running');
      if (isRunning) throw validatingErrors.refuse('validation_run.running');
      this.tx.insert(validationRuns, run);
      this.tx.mustExist(organizations, organizationId, identityErrors.refuse('organization.not_found'));
      for (const customerId of customerIds) {
        this.tx.mustExist(customers, customerId, accessErrors.refuse('customer.not_found'));
        const row = { organizationId, runId: run.id, customerId, state: 'waiting', epoch: 0 } as const;
        const line: ValidationLineRow = { ...row, claimedUntil: null, endedAt: null, why: null };
        validationLines.put(organizationId, keyOf(line), line);
      }
    });
  }

  running(): Promise<ValidationRunId | null> {
    return this.tx.run(() => {
      const runs = this.tx.database.validationRuns.of(this.tx.organizationId);
      return runs.find(({ state }) => state === 'running')?.id ?? null;
    });
  }

  connected(limit: number): Promise<readonly CustomerId[]> {
    return this.tx.run(() =>
      this.tx.database.connections
        .of(this.tx.organizationId)
        .filter(({ state }) => state === 'active')
        .map(({ customerId }) => customerId)
        .sort(compare)
        .slice(0, limit),
    );
  }

  get(id: ValidationRunId): Promise<ValidationRun | null> {
    return this.tx.run(() => this.tx.database.validationRuns.get(this.tx.organizationId, id) ?? null);
  }

  lock(id: ValidationRunId): Promise<ValidationRun | null> {
    return this.get(id);
  }

  async progress(id: ValidationRunId, now: Instant): Promise<ValidationRunProgress | null> {
    const run = await this.get(id);
    if (run === null) return null;
    const states = this.#linesOf(id).map((row) => shown(row, now));
    const counts = VALIDATION_LINE_STATES.map(
      (state) => [state, states.filter((each) => each === state).length] as const,
    );
    return { run, counts: Object.fromEntries(counts) as ValidationRunProgress['counts'] };
  }

  lines(
    id: ValidationRunId,
    { after, limit, state }: Parameters<ValidationRunStore['lines']>[1],
    now: Instant,
  ): Promise<readonly ValidationLine[]> {
    const { organizationId, database } = this.tx;
    return this.tx.run(() =>
      this.#linesOf(id)
        .filter((row) => after === null || row.customerId > after)
        .filter((row) => state === undefined || shown(row, now) === state)
        .sort((a, b) => compare(a.customerId, b.customerId))
        .slice(0, limit)
        .map((row) => ({
          customerId: row.customerId,
          name: database.customers.get(organizationId, row.customerId)?.name ?? '',
          state: shown(row, now),
          endedAt: row.endedAt,
          why: row.why,
        })),
    );
  }

  finish(claim: ValidationClaim, { state, why, at }: ValidationLineEnd): Promise<boolean> {
    const { organizationId, database } = this.tx;
    return this.tx.run(() => {
      const row = database.validationLines.get(organizationId, keyOf(claim));
      if (row?.state !== 'waiting' || row.epoch !== claim.epoch) return false;
      const ended = { ...row, state, why, endedAt: at, claimedUntil: null };
      database.validationLines.put(organizationId, keyOf(row), ended);
      return true;
    });
  }

  hasWaiting(id: ValidationRunId): Promise<boolean> {
    return this.tx.run(() => this.#linesOf(id).some(({ state }) => state === 'waiting'));
  }

  close(id: ValidationRunId, state: 'done' | 'cancelled', at: Instant): Promise<number> {
    const { organizationId, database } = this.tx;
    return this.tx.run(() => {
      const run = database.validationRuns.get(organizationId, id);
      if (run?.state === 'running')
        database.validationRuns.put(organizationId, id, { ...run, state, endedAt: at });
      const waiting = this.#linesOf(id).filter((row) => row.state === 'waiting');
      for (const row of waiting) {
        const ended = { ...row, state: 'cancelled', endedAt: at, claimedUntil: null } as const;
        database.validationLines.put(organizationId, keyOf(row), ended);
      }
      return waiting.length;
    });
  }

  #linesOf(id: ValidationRunId): readonly ValidationLineRow[] {
    const { organizationId, database } = this.tx;
    return database.validationLines.of(organizationId).filter(({ runId }) => runId === id);
  }
}
