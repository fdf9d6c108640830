import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Identity } from './tls.js';

export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  readonly requestId: string;
}
export interface HttpReply {
  readonly status: number;
  readonly body?: object | string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Undefined: the connection is dropped without an answer. */
export type Answerer = (request: HttpRequest) => Promise<HttpReply | undefined>;

const biggestBody = 8 * 1024 * 1024;
/** Longer than any client keeps a connection, so that the server never closes one that is just being reused. */
const keepAliveMs = 120_000;

export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export async function listen(answerer: Answerer, identity: Identity, address: Address): Promise<Listening> {
  const server = createServer({ key: identity.keyPem, cert: identity.certPem }, (request, response) => {
    serve(answerer, request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = keepAliveMs;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => stop(server) };
}

async function serve(answerer: Answerer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = await readText(request);
  if (text === undefined) {
    response.writeHead(413).end();
    return;
  }
  const reply = await answerer({
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    headers: request.headers as Record<string, string | undefined>,
    text,
    requestId: randomUUID(),
  });
  if (reply === undefined) request.socket.destroy();
  else send(response, reply);
}

function send(response: ServerResponse, { status, body, headers }: HttpReply): void {
  if (body === undefined || body === null) {
    response.writeHead(status, headers).end();
    return;
  }
  const payload = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  response.writeHead(status, { ...headers, 'Content-Length': payload.length }).end(payload);
}

async function readText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > biggestBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const stop = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
