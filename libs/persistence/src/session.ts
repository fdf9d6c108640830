import type { AuditEvent } from '#core/audit';
import { isAway, type OrganizationId } from '#core/shared';
import { Prisma } from './generated/client.js';
import { refusalOf } from './refusals.js';

/** `taking`: the database lets it move what is there to its end, and change nothing of what was meant. */
export type Rights = 'all' | 'taking';

/** A claim lasts 30 s: whoever works under one must have time left to try its accounts one by one, and to call. */
export const LOCK_TIMEOUT = '5s';

/** One running transaction inside one organization: what all its stores share. */
export class Session {
  /** Accounts locked by it: only these may be released. */
  readonly lockedAccounts = new Set<string>();
  /** Written as its last act, and numbered by the commit itself: see the audit log. */
  readonly pendingAudit: AuditEvent[] = [];
  /** It has written to the audit log. */
  hasLogged = false;
  #refusal: { readonly error: unknown } | null = null;

  constructor(
    private readonly tx: Prisma.TransactionClient,
    readonly organizationId: OrganizationId,
    readonly rights: Rights = 'all',
  ) {}

  /** Runs statements. What the database refuses becomes the domain's error, and ends the transaction. */
  async run<T>(work: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T> {
    this.requireUnbroken();
    try {
      return await work(this.tx);
    } catch (error) {
      this.#refusal = { error: refusalOf(error) };
      throw this.#refusal.error;
    }
  }

  /** From here on the transaction waits for no lock longer than this, and keeps nobody waiting for what it has so long. */
  async loseNoTime(): Promise<void> {
    await this.run((tx) => tx.$queryRaw`SELECT set_config('lock_timeout', ${LOCK_TIMEOUT}, true)`);
  }

  /** From here on no statement may take longer than this, and none longer than it might before. */
  async takeAtMost(ms: number): Promise<void> {
    await this.run((tx) => tx.$queryRaw(atMost(ms)));
  }

  /** From here on rows are found by their indexes alone: one that can't be read stops nobody who doesn't ask for it. */
  async readNothingElse(): Promise<void> {
    await this.run((tx) => tx.$queryRaw`SELECT set_config('enable_seqscan', 'off', true)`);
  }

  /**
   * Runs statements that the transaction can do without, for no longer than this. What the database refuses then is undone, and
   * breaks nothing; only a database that is away does.
   */
  async attempt<T>(ms: number, work: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T | 'unknown'> {
    const before = await this.run(async (tx) => {
      await tx.$executeRaw`SAVEPOINT attempt`;
      return tx.$queryRaw<{ readonly ms: string }[]>`SELECT current_setting('statement_timeout') AS ms`;
    });
    try {
      await this.tx.$queryRaw(atMost(ms));
      const result = await work(this.tx);
      await this.tx.$queryRaw`SELECT set_config('statement_timeout', ${before[0]?.ms ?? ''}, true)`;
      await this.tx.$executeRaw`RELEASE SAVEPOINT attempt`;
      return result;
    } catch (error) {
      const refusal = refusalOf(error);
      // What becomes of the savepoint tells whether anybody is there.
      await this.run((tx) => tx.$executeRaw`ROLLBACK TO SAVEPOINT attempt`);
      if (isAway(refusal)) throw refusal;
      return 'unknown';
    }
  }

  /**
   * PostgreSQL answers COMMIT after a refused statement by quietly rolling back. Whoever swallowed the refusal must not
   * take that for success.
   */
  requireUnbroken(): void {
    if (this.#refusal !== null) throw this.#refusal.error;
  }
}

const atMost = (ms: number): Prisma.Sql => Prisma.sql`
  SELECT set_config('statement_timeout', (setting)::text || 'ms', true)
    FROM (SELECT CASE WHEN setting::int = 0 THEN ${ms}::int ELSE least(setting::int, ${ms}::int) END AS setting
            FROM pg_settings WHERE name = 'statement_timeout') known`;
