import { Agent } from 'undici';
import type { EntraApp } from '#core/tenancy';
import { checkedClouds, type CloudAddress, type CloudSettings } from './clouds.js';
import type { GraphAnswer } from './graph-answer.js';
import { requestToken, type AppToken } from './token-request.js';
import { OWN_HEADERS } from './transport.js';

/** One request as it is to stand on the wire. */
export interface ProbeRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Relative to `/v1.0`, with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes as JSON, a text as it is. */
  readonly body?: object | string;
  /** Instead of the app's own token; null for none. */
  readonly token?: string | null;
}

/** What came back, and after how many milliseconds. */
export type ProbeAnswer = GraphAnswer & { readonly tookMs: number };

/** A token is asked for anew this long before its end. */
const RENEW_BEFORE_END_MS = 5 * 60_000;
/** What goes on after that would fill our memory. */
const LARGEST_ANSWER = 16 * 1_024 * 1_024;

/**
 * Graph as it is, for finding out how it behaves: answers are handed over unjudged, nothing is sent twice, and no
 * failure throws but the lack of a token (`DirectoryError`). What runs in production is `EntraDirectory`.
 */
export class GraphProbe {
  readonly #app: EntraApp;
  readonly #cloud: CloudAddress;
  readonly #connections: Agent;
  #token: AppToken | null = null;

  /** Throws `TypeError` for a cloud that is not there or whose hosts are not https origins. */
  constructor(clouds: CloudSettings, app: EntraApp) {
    const cloud = checkedClouds(clouds).get(app.cloud);
    if (cloud === undefined) throw new TypeError(`There is no cloud "${app.cloud}" here.`);
    this.#app = app;
    this.#cloud = cloud;
    this.#connections = new Agent({
      maxResponseSize: LARGEST_ANSWER,
      connect: { timeout: 5_000, ...(cloud.caPem === undefined ? {} : { ca: cloud.caPem }) },
    });
  }

  /** The address of an object, as Graph wants it in a reference. */
  referenceTo(id: string): string {
    return `${this.#cloud.graphHost}/v1.0/directoryObjects/${id}`;
  }

  /** The app's token. Throws `DirectoryError`. */
  async token(): Promise<AppToken> {
    const isGood = this.#token !== null && this.#token.expiresAt - Date.now() > RENEW_BEFORE_END_MS;
    if (this.#token === null || !isGood)
      this.#token = await requestToken(this.#app, this.#cloud, () => Date.now());
    return this.#token;
  }

  /** Sends it once, and waits so long at the most. Status 0: no answer. */
  async ask(request: ProbeRequest, timeoutMs: number): Promise<ProbeAnswer> {
    const token = request.token === undefined ? (await this.token()).value : request.token;
    const began = performance.now();
    const answer = await this.#send(request, token, timeoutMs);
    return { ...answer, tookMs: Math.round(performance.now() - began) };
  }

  /** Drops all connections. */
  close(): Promise<void> {
    return this.#connections.destroy();
  }

  async #send(request: ProbeRequest, token: string | null, timeoutMs: number): Promise<GraphAnswer> {
    const { method, path, body } = request;
    try {
      const answer = await this.#connections.request({
        origin: this.#cloud.graphHost,
        path: `/v1.0${path}`,
        method,
        headers: {
          ...OWN_HEADERS,
          ...(typeof body === 'object' ? { 'content-type': 'application/json' } : {}),
          ...request.headers,
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const headers = Object.entries(answer.headers).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]);
      return {
        status: answer.statusCode,
        headers: Object.fromEntries(headers),
        body: parsed(await answer.body.text()),
      };
    } catch (error) {
      const { code, name } = error as { code?: unknown; name?: unknown };
      return { status: 0, headers: {}, body: null, noAnswer: String(code ?? name) };
    }
  }
}

const parsed = (text: string): unknown => {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return text;
  }
};
