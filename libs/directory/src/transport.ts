import { Socket } from 'node:net';
import type { Context, Middleware } from '@microsoft/microsoft-graph-client';
import { buildConnector, Pool, type Dispatcher } from 'undici';
import type { CloudAddress } from './clouds.js';
import { within } from './time-limit.js';

/** Each customer's batch is in flight for some 200 ms; this many at a time carry a few hundred batches a second. */
const CONNECTIONS = 64;

/** Graph keeps a silent connection open for minutes; ours is given up well before, so none dies under a request. */
const KEEP_ALIVE_MS = 20_000;

const CONNECT_MS = 5_000;
/** Each request ends by its own signal; these two are for the day on which one has none that works. */
const SILENCE_MS = 30_000;
/** A full batch of long lists is a few megabytes. What goes on after that would fill our memory. */
const LARGEST_ANSWER = 16 * 1_024 * 1_024;

/**
 * Who sends nothing of encodings takes them all (RFC 9110), and nobody here unpacks. A name, because gateways turn away
 * what has none.
 */
export const OWN_HEADERS = { 'Accept-Encoding': 'identity', 'User-Agent': 'Curfew' };

/**
 * The last link of the client's chain: undici instead of the built-in fetch (several times slower), on connections
 * to one host and nowhere else, so a token can't go astray. Throws when there is no answer; never tries again and
 * follows no redirect.
 */
export class Transport implements Middleware {
  readonly #pool: Pool;
  readonly #origin: string;
  readonly #sockets = new Set<Socket>();

  constructor(cloud: CloudAddress) {
    this.#origin = cloud.graphHost;
    this.#pool = new Pool(cloud.graphHost, {
      connections: CONNECTIONS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: SILENCE_MS,
      bodyTimeout: SILENCE_MS,
      maxResponseSize: LARGEST_ANSWER,
      connect: this.#connector(cloud),
    });
  }

  async execute(context: Context): Promise<void> {
    const url = new URL(String(context.request));
    if (url.origin !== this.#origin) throw new Error('A request to Graph was led to another host.');
    const { method = 'GET', headers, body, signal } = context.options ?? {};
    // The client makes headers a plain object, and names a content type where there is no content.
    const named = headers as Record<string, string>;
    const { 'Content-Type': _unneeded, ...others } = named;
    const bare = { ...others, ...OWN_HEADERS };
    const asked = this.#pool.request({
      path: `${url.pathname}${url.search}`,
      method,
      ...(typeof body === 'string'
        ? { body, headers: { ...named, ...OWN_HEADERS } }
        : { body: null, headers: bare }),
      ...(signal ? { signal } : {}),
    });
    // The pool heeds the signal only once it is connected; what is aborted before then is not sent.
    const { statusCode, headers: told, body: answer } = await (signal ? within(asked, signal) : asked);
    context.response = responseOf(statusCode, told, await answer.text());
  }

  /** Drops all connections; what is in flight gets no answer. */
  async close(): Promise<void> {
    // The pool lets go of open connections only: one whose handshake nobody answers would keep the process for seconds.
    for (const socket of this.#sockets) socket.destroy();
    await this.#pool.destroy();
  }

  #connector({ caPem }: CloudAddress): buildConnector.connector {
    const connect = buildConnector({ timeout: CONNECT_MS, ...(caPem === undefined ? {} : { ca: caPem }) });
    return (options, callback) => {
      // The types hide it: what is being connected is answered at once.
      const socket: unknown = connect(options, callback);
      if (!(socket instanceof Socket)) return;
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    };
  }
}

/** Statuses that forbid a body. */
const BODILESS = new Set([204, 205, 304]);

const responseOf = (status: number, headers: Dispatcher.ResponseData['headers'], body: string): Response => {
  const flat = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
  return new Response(BODILESS.has(status) ? null : body, { status, headers: flat });
};
