import type { AuditEvent } from '#core/audit';
import type { OrganizationId } from '#core/shared';
import type { Prisma } from './generated/client.js';
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

  /**
   * PostgreSQL answers COMMIT after a refused statement by quietly rolling back. Whoever swallowed the refusal must not
   * take that for success.
   */
  requireUnbroken(): void {
    if (this.#refusal !== null) throw this.#refusal.error;
  }
}
