import { createHash } from 'node:crypto';
import type { DirectoryError } from '#core/accounts';
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
/**
 * A failure holds for whoever asks within this time, so that hundreds of calls with a wrong secret, or while sign-in is
 * away, are one request. A network slip passes sooner than a credential is exchanged. Never longer than Entra asks.
 */
const REMEMBER_FAILURE_MS = 5_000;
const REMEMBER_SILENCE_MS = 1_000;
/** About 4 kB each. The longest unused goes first. */
const MOST_ENTRIES = 5_000;

interface Entry {
  /** Changes with anything that makes another token: credential, version, tenant. */
  readonly fingerprint: string;
  token: AppToken | null;
  pending: Promise<AppToken> | null;
  renewAt: number;
  /** Why there was no token a moment ago. */
  failure: { readonly error: Error; readonly until: number } | null;
  /** The token may say less than Entra would by now. */
  outdated: boolean;
  /** The token that Graph refused; it goes when the next one may be asked for. */
  doubted: AppToken | null;
  forcedAt: number;
}

/**
 * Tokens by connection. Promised: at most one token request at a time per connection, however many ask; a token is
 * never handed to a connection with another credential or version; a failure is remembered for seconds, and never keeps
 * a token from being used that is still good.
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
    if (entry.outdated) return this.#newer(app, entry, token);
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
    if (token !== null && this.#now() - token.obtainedAt >= DISTRUST_AFTER_MS) entry.outdated = true;
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

  /** What the token can do is better than nothing, when there is no newer one. */
  async #newer(app: EntraApp, entry: Entry, token: AppToken): Promise<AppToken> {
    entry.outdated = false;
    try {
      return await this.#fresh(app, entry);
    } catch {
      return token;
    }
  }

  #fresh(app: EntraApp, entry: Entry): Promise<AppToken> {
    const { failure } = entry;
    if (failure !== null && this.#now() < failure.until) return Promise.reject(failure.error);
    entry.pending ??= this.#ask(app, entry).finally(() => {
      entry.pending = null;
    });
    return entry.pending;
  }

  async #ask(app: EntraApp, entry: Entry): Promise<AppToken> {
    try {
      entry.token = await this.#request(app);
      entry.failure = null;
      return entry.token;
    } catch (error) {
      entry.failure = { error: error as Error, until: this.#now() + rememberMs(error) };
      throw error;
    }
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

const UNUSED = {
  token: null,
  pending: null,
  renewAt: 0,
  failure: null,
  outdated: false,
  doubted: null,
  forcedAt: -Infinity,
};

const rememberMs = (error: unknown): number => {
  const { reason, facts } = error as Partial<DirectoryError>;
  const isToldSo = reason === 'credential_bad' || reason === 'throttled';
  const most = isToldSo ? REMEMBER_FAILURE_MS : REMEMBER_SILENCE_MS;
  return Math.min(most, (facts?.retryAfterSeconds ?? Infinity) * 1_000);
};

/** It is asked for with each part of each batch, and a credential may be kilobytes long. */
const fingerprints = new WeakMap<EntraApp, string>();

const fingerprintOf = (app: EntraApp): string => {
  const known = fingerprints.get(app) ?? freshFingerprint(app);
  fingerprints.set(app, known);
  return known;
};

/** With the credential in it: onboarding tries several under one version. */
const freshFingerprint = (app: EntraApp): string =>
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
