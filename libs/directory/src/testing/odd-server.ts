import { createServer, type Server } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import { generate } from 'selfsigned';
import type { EntraApp } from '#core/tenancy';
import { EntraDirectory } from '../index.js';
import { appFor } from './simulated-tenant.js';

type Answerer = (request: IncomingMessage, response: ServerResponse) => void;

const silent: Answerer = () => undefined;
/** The headers, and then nothing. */
const bodiless: Answerer = (_request, response) => response.writeHead(200).flushHeaders();
/** Part of an answer, and then nothing. */
const unfinished: Answerer = (_request, response) => {
  response.writeHead(200).write('{"value": [');
};
const endless: Answerer = (_request, response) => {
  const chunk = Buffer.alloc(256 * 1_024, 'x');
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more);
  };
  response.writeHead(200);
  more();
};
const redirect =
  (location: string): Answerer =>
  (_request, response) => {
    response.writeHead(302, { location }).end();
  };
const body =
  (content: object): Answerer =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(content));
  };

/** Ways in which a server can be of no use, and one in which it can. */
export const odd = { silent, bodiless, unfinished, endless, redirect, body };

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A sign-in service and a Graph on one port that answer as a test wants; by itself it gives tokens and empty lists. */
export class OddServer {
  readonly seen: Seen[] = [];
  /** Of token requests at a time. */
  mostSignIns = 0;
  signIn: Answerer = (request, response) => this.#giveToken(request, response);
  graph: Answerer = odd.body({ value: [] });
  readonly #open = new Set<Socket>();
  #signIns = 0;
  #whenEmpty: () => void = () => undefined;

  private constructor(
    readonly caPem: string,
    private readonly server: Server | TcpServer,
  ) {}

  static async start(): Promise<OddServer> {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
      ],
    });
    const server = createServer({ key, cert });
    const started = new OddServer(cert, server);
    server.on('request', (request, response) => {
      started.#serve(request, response).catch(() => response.destroy());
    });
    return started.#listening();
  }

  /** Takes connections, and doesn't even shake hands. */
  static async mute(): Promise<OddServer> {
    return new OddServer('', createTcpServer()).#listening();
  }

  get url(): string {
    return `https://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  /** A directory that calls it as its `custom` cloud. */
  directory(graphHost = this.url): EntraDirectory {
    const host = { authorityHost: this.url, graphHost };
    const custom = this.caPem === '' ? host : { ...host, caPem: this.caPem };
    return new EntraDirectory({ clouds: { custom } });
  }

  app(connection = 'one'): EntraApp {
    return {
      ...appFor('0dd0dd00-0000-4000-8000-000000000001'),
      connectionId: connection as EntraApp['connectionId'],
    };
  }

  /** Comes when nobody is connected any more. */
  async emptied(): Promise<void> {
    if (this.#open.size > 0) await new Promise<void>((resolve) => (this.#whenEmpty = resolve));
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  async #listening(): Promise<this> {
    this.server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#open.delete(socket);
        if (this.#open.size === 0) this.#whenEmpty();
      });
      // A connection that nobody reads from doesn't notice its end.
      if (this.caPem === '') socket.resume();
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = '', url: path = '', headers } = request;
    this.seen.push({ method, path, headers, body: Buffer.concat(chunks).toString('utf8') });
    const answer = path.startsWith('/v1.0/') ? this.graph : this.signIn;
    answer(request, response);
  }

  #giveToken(request: IncomingMessage, response: ServerResponse): void {
    const root = `${this.url}/0dd0dd00-0000-4000-8000-000000000001`;
    if (request.method === 'GET') {
      const metadata = {
        token_endpoint: `${root}/oauth2/v2.0/token`,
        authorization_endpoint: `${root}/oauth2/v2.0/authorize`,
        jwks_uri: `${root}/discovery/v2.0/keys`,
        issuer: `${root}/v2.0`,
      };
      return odd.body(metadata)(request, response);
    }
    this.#signIns += 1;
    this.mostSignIns = Math.max(this.mostSignIns, this.#signIns);
    // Long enough that whoever wants to come at the same time has come.
    setTimeout(() => {
      this.#signIns -= 1;
      odd.body({ token_type: 'Bearer', expires_in: 3_599, access_token: TOKEN })(request, response);
    }, 40);
  }
}

const TOKEN = `e30.${Buffer.from('{"roles":["Directory.Read.All"]}').toString('base64url')}.canary`;
