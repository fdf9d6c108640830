import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';

const mostRead = 4096;
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** The address, if it is one of this machine: the simulator never calls anybody else. */
export function loopbackUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
  return isHttp && loopback.test(url.hostname) ? url : undefined;
}

export interface Post {
  readonly contentType: string;
  readonly body: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}
export interface Posted {
  readonly status: number;
  readonly contentType: string;
  /** Its beginning. */
  readonly text: string;
}

/**
 * POSTs to an address of this machine. Undefined: no answer in time, or none at all. Redirects are not followed, and
 * a certificate is not verified: local receivers make their own.
 */
export function postLocally(
  url: URL,
  { contentType, body, timeoutMs, signal }: Post,
): Promise<Posted | undefined> {
  const options: RequestOptions & { rejectUnauthorized: boolean } = {
    method: 'POST',
    // By number: the name could be made to mean another machine.
    hostname: url.hostname === 'localhost' ? '127.0.0.1' : url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    path: `${url.pathname}${url.search}`,
    headers: { Host: url.host, 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    agent: false,
    rejectUnauthorized: false,
  };
  return new Promise((resolve) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(options, (response) => {
      readStart(response).then(
        (text) =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            text,
          }),
        () => resolve(undefined),
      );
    });
    request.on('error', () => resolve(undefined));
    request.end(body);
  });
}

async function readStart(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8');
    if (text.length > mostRead) break;
  }
  return text.slice(0, mostRead);
}
