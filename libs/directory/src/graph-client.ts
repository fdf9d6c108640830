import { randomUUID } from 'node:crypto';
import { Client, ResponseType } from '@microsoft/microsoft-graph-client';
import type { EntraApp } from '#core/tenancy';
import type { AppTokens } from './app-tokens.js';
import type { CloudAddress } from './clouds.js';
import { headersOf, type GraphAnswer, type GraphRequest } from './graph-answer.js';
import { OnBehalfOf, ReadAgainLink, TokenLink } from './middleware.js';
import { Transport } from './transport.js';

const VERSION = 'v1.0';

/**
 * One cloud's Graph through Microsoft's client, with a chain of our own: its default chain sends every method again,
 * POST too, after 429, 503 and 504, and sleeps up to three minutes in between.
 */
export class GraphClient {
  readonly #client: Client;
  readonly #transport: Transport;
  readonly #base: string;

  constructor(cloud: CloudAddress, tokens: AppTokens) {
    this.#transport = new Transport(cloud);
    this.#base = `${cloud.graphHost}/${VERSION}`;
    this.#client = Client.initWithMiddleware({
      baseUrl: `${cloud.graphHost}/`,
      defaultVersion: VERSION,
      middleware: [new TokenLink(tokens), new ReadAgainLink(), this.#transport],
    });
  }

  /**
   * Sends one request and waits for its answer until the signal. No answer is an answer too (status 0).
   * Throws `DirectoryError` when there is no token.
   */
  async send(app: EntraApp, request: GraphRequest, signal: AbortSignal): Promise<GraphAnswer> {
    const sender = new OnBehalfOf(app, signal);
    const sentAt = performance.now();
    try {
      const answer = await answerOf(await this.#exchange(sender, request));
      return { ...answer, tookMs: Math.ceil(performance.now() - sentAt) };
    } catch (error) {
      if (sender.noToken !== null) throw sender.noToken;
      return { status: 0, headers: {}, body: null, noAnswer: whyNot(error) };
    }
  }

  /** The path of a link that Graph gave to go on with; null when it leads elsewhere. */
  pathOf(link: string): string | null {
    if (!URL.canParse(link)) return null;
    // Parsed, because a host may be written in capitals or with its port, and dots could lead out of the version.
    const { origin, pathname, search } = new URL(link);
    const whole = `${origin}${pathname}${search}`;
    return whole.startsWith(`${this.#base}/`) ? whole.slice(this.#base.length) : null;
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #exchange(sender: OnBehalfOf, request: GraphRequest): Promise<Response> {
    const { method, path, body } = request;
    const call = this.#client
      .api(path)
      .headers({ ...headersOf(request), 'client-request-id': randomUUID() })
      .option('signal', sender.signal)
      .middlewareOptions([sender])
      .responseType(ResponseType.RAW);
    // The client types every answer as `any`; RAW makes it the transport's own Response.
    switch (method) {
      case 'GET':
        return (await call.get()) as Response;
      case 'DELETE':
        return (await call.delete()) as Response;
      case 'POST':
        return (await call.post(body)) as Response;
      case 'PATCH':
        return (await call.patch(body)) as Response;
    }
  }
}

const answerOf = async (response: Response): Promise<GraphAnswer> => ({
  status: response.status,
  headers: Object.fromEntries(response.headers.entries()),
  body: parsed(await response.text()),
});

const parsed = (text: string): unknown => {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
};

/** Only the kind of failure: the text of a network error is of no use to people and may quote a URL. */
const whyNot = (error: unknown): string => {
  const { code, name } = error as { code?: unknown; name?: unknown };
  const kind = [code, name].find((value) => typeof value === 'string' && value !== '');
  return `No answer from Graph (${typeof kind === 'string' ? kind : 'unknown'}).`;
};
