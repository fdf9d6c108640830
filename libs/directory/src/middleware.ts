import type { Context, Middleware } from '@microsoft/microsoft-graph-client';
import { DirectoryError } from '#core/accounts';
import type { EntraApp } from '#core/tenancy';
import type { AppTokens } from './app-tokens.js';
import { answersIn } from './graph-answer.js';
import { within } from './time-limit.js';
import type { AppToken } from './token-request.js';

/** For whom a request is made; travels with it as the client's middleware option. */
export class OnBehalfOf {
  /** Why there was no token: the client makes another error of whatever a link throws. */
  noToken: DirectoryError | null = null;

  constructor(
    readonly app: EntraApp,
    readonly signal: AbortSignal,
  ) {}

  async tokenFrom(source: Promise<AppToken>): Promise<AppToken> {
    try {
      return await within(source, this.signal);
    } catch (error) {
      if (error instanceof DirectoryError) this.noToken = error;
      throw error;
    }
  }
}

abstract class Link implements Middleware {
  protected next: Middleware | null = null;

  setNext(next: Middleware): void {
    this.next = next;
  }

  abstract execute(context: Context): Promise<void>;

  protected forward(context: Context): Promise<void> {
    if (this.next === null) throw new Error('The chain of the Graph client ends too early.');
    return this.next.execute(context);
  }
}

/**
 * Puts the token on. Graph is known to refuse a valid token now and then: on any 401 a fresh one is fetched, if it
 * is time for one, and the request sent once more, whatever its method: a 401 means that nothing was looked at.
 */
export class TokenLink extends Link {
  readonly #tokens: AppTokens;

  constructor(tokens: AppTokens) {
    super();
    this.#tokens = tokens;
  }

  async execute(context: Context): Promise<void> {
    const sender = context.middlewareControl?.getMiddlewareOptions(OnBehalfOf);
    if (!(sender instanceof OnBehalfOf))
      throw new Error('A request to Graph says nothing of whom it is for.');
    const token = await sender.tokenFrom(this.#tokens.get(sender.app));
    await this.#send(context, token);
    if (!(await isTokenRefused(context.response))) return;
    const renewed = await sender.tokenFrom(this.#tokens.renew(sender.app, token));
    await this.#send(context, renewed);
    if (context.response?.status === 401) this.#tokens.doubt(sender.app, renewed);
  }

  #send(context: Context, token: AppToken): Promise<void> {
    context.options = {
      ...context.options,
      headers: {
        ...(context.options?.headers as Record<string, string>),
        Authorization: `Bearer ${token.value}`,
      },
    };
    return this.forward(context);
  }
}

/** Codes and words of a 401 differ from page to page. One that answers parts did look at something. */
const isTokenRefused = async (response: Response | undefined): Promise<boolean> => {
  if (response?.status !== 401) return false;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return answersIn(body) === null;
};

/** A read changes nothing, so whatever the server stumbled over is worth a second look. */
const PASSING = new Set([500, 502, 503, 504]);

/** Reads once more what was not answered, at once; never when told to wait, and nothing but GET. */
export class ReadAgainLink extends Link {
  async execute(context: Context): Promise<void> {
    if ((context.options?.method ?? 'GET') !== 'GET') return this.forward(context);
    try {
      await this.forward(context);
      if (!isPassing(context.response)) return;
    } catch (error) {
      if (context.options?.signal?.aborted === true) throw error;
    }
    return this.forward(context);
  }
}

const isPassing = (response: Response | undefined): boolean =>
  response !== undefined && PASSING.has(response.status) && !response.headers.has('retry-after');
