import { createHash } from 'node:crypto';
import type { EntraApp } from '#core/tenancy';
import type { AppToken } from './token-request.js';

/** How often a renewal is tried while the old token is still good. */
const RENEW_EVERY_MS = 10_000;
/** A new token is asked for this long before the old one ends, so that none ends on its way. */
const RENEW_BEFORE_END_MS = 5 * 60_000;
/** A token that can't be renewed just now is used until shortly before its end. */
const LAST_USE_BEFORE_END_MS = 30_000;
/** New consent shows only in a new token: after a refusal for lack of it one is asked for, at most this often. */
const DISTRUST_AFTER_MS = 60_000;
/** A refused token is given up at most this often: a credential that is refused for good must not flood sign-in. */
const FORCE_EVERY_MS = 10_000;
/** About 4 kB each. The longest unused goes first. */
const MOST_ENTRIES = 5_000;

interface Entry {
  /** Changes with anything that makes another token: credential, version, tenant. */
  readonly fingerprint: string;
  token: AppToken | null;
  pending: Promise<AppToken> | null;
  renewAt: number;
  /** The token that Graph refused; it goes when the next one may be asked for. */
  doubted: AppToken | null;
  forcedAt: number;
}

/**
 * Tokens by connection. Promised: at most one token request at a time per connection, however many ask; a token is
 * never handed to a connection with another credential; failures are not remembered.
 */
export class AppTokens {
  readonly #entries = new Map<string, Entry>();
  readonly #request: (app: EntraApp) => Promise<AppToken>;
  readonly #now: () => number;

  constructor(request: (app: EntraApp) => Promise<AppToken>, now: () => number) {
    this.#request = request;
    this.#now = now;
  }

  /** A token that is good now. Throws `DirectoryError`. */
  async get(app: EntraApp): Promise<AppToken> {
    const entry = this.#entry(app);
    this.#giveUpDoubted(entry);
    const { token } = entry;
    const left = token === null ? 0 : token.expiresAt - this.#now();
    if (token === null || left <= LAST_USE_BEFORE_END_MS) return this.#fresh(app, entry);
    if (left <= RENEW_BEFORE_END_MS) this.#renewBeside(app, entry);
    return token;
  }

  /**
   * Another token than the refused one; the one that somebody else has renewed meanwhile will do. The refused one
   * itself when it is too early for yet another.
   */
  async renew(app: EntraApp, refused: AppToken): Promise<AppToken> {
    this.doubt(app, refused);
    return this.get(app);
  }

  /** Graph refused this token: unless there is another by now, the next one to ask gets a fresh one. */
  doubt(app: EntraApp, refused: AppToken): void {
    const entry = this.#entry(app);
    if (entry.token === refused) entry.doubted = refused;
  }

  /** Graph said that the token lacks a permission: the next one may have it. */
  distrust(app: EntraApp): void {
    const entry = this.#entry(app);
    const { token } = entry;
    if (token !== null && this.#now() - token.obtainedAt >= DISTRUST_AFTER_MS) entry.token = null;
  }

  /** The permissions of the token in use; empty without one. */
  roles(app: EntraApp): ReadonlySet<string> {
    return this.#entry(app).token?.roles ?? new Set();
  }

  #giveUpDoubted(entry: Entry): void {
    const { token, doubted, forcedAt } = entry;
    if (token === null || token !== doubted || this.#now() - forcedAt < FORCE_EVERY_MS) return;
    entry.token = null;
    entry.forcedAt = this.#now();
  }

  /** Nobody waits for sign-in while the old token is good; a failure shows when it no longer is. */
  #renewBeside(app: EntraApp, entry: Entry): void {
    if (this.#now() < entry.renewAt) return;
    entry.renewAt = this.#now() + RENEW_EVERY_MS;
    this.#fresh(app, entry).catch(() => undefined);
  }

  #fresh(app: EntraApp, entry: Entry): Promise<AppToken> {
    entry.pending ??= this.#request(app)
      .then((token) => (entry.token = token))
      .finally(() => {
        entry.pending = null;
      });
    return entry.pending;
  }

  #entry(app: EntraApp): Entry {
    const fingerprint = fingerprintOf(app);
    const known = this.#entries.get(app.connectionId);
    const entry = known?.fingerprint === fingerprint ? known : { ...UNUSED, fingerprint };
    this.#entries.delete(app.connectionId);
    this.#entries.set(app.connectionId, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MOST_ENTRIES && oldest !== undefined) this.#entries.delete(oldest);
    return entry;
  }
}

const UNUSED = { token: null, pending: null, renewAt: 0, doubted: null, forcedAt: -Infinity };

/** With the credential in it: onboarding tries several under one version. */
const fingerprintOf = (app: EntraApp): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        app.version,
        app.cloud,
        app.tenantId,
        app.clientId,
        app.credential.kind,
        app.credential.value.expose(),
      ]),
    )
    .digest('base64url');
