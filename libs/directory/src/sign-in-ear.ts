import type { ClientSecretCredential } from '@azure/identity';
import type { SignInAnswer } from './sign-in-error.js';
import { within } from './time-limit.js';

type Options = NonNullable<ConstructorParameters<typeof ClientSecretCredential>[3]>;
export type PipelinePolicy = NonNullable<Options['additionalPolicies']>[number]['policy'];
type PipelineResponse = Awaited<ReturnType<PipelinePolicy['sendRequest']>>;

/** Metadata and tokens are a few kilobytes. */
const LARGEST_ANSWER = 1_024 * 1_024;

/**
 * Stands in the pipeline of the sign-in library. It listens, because the library's own errors lose status, code and
 * Retry-After on their way up, and it keeps the house's bounds: one host, the signal's time, so many bytes.
 */
export class SignInEar {
  /** The last answer; null when none came to the last request. */
  heard: SignInAnswer | null = null;
  readonly policy: PipelinePolicy;

  constructor(authorityHost: string, signal: AbortSignal) {
    this.policy = {
      name: 'ear',
      sendRequest: async (request, next) => {
        // Entra's own metadata names the token endpoint; a credential goes to the configured host and nowhere else.
        if (new URL(request.url).origin !== authorityHost)
          throw new Error('Sign-in was led to another host.');
        this.heard = null;
        // The pipeline's own timeout leaves a timer behind that keeps a process from ending.
        request.abortSignal = signal;
        // Read here: the pipeline would read on for ever, and it waits for ever for an unpacked stream that was cut.
        request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
        request.headers.set('Accept-Encoding', 'identity');
        const response = await withText(await next(request), signal);
        this.heard = {
          status: response.status,
          body: response.bodyAsText ?? '',
          retryAfter: response.headers.get('retry-after'),
          date: response.headers.get('date'),
        };
        return response;
      },
    };
  }
}

const withText = async (response: PipelineResponse, signal: AbortSignal): Promise<PipelineResponse> => {
  const { readableStreamBody: stream, ...rest } = response;
  if (stream === undefined) return response;
  return { ...rest, bodyAsText: await within(textOf(stream), signal) };
};

/** Leaving the loop early destroys the stream, and with it the connection. */
const textOf = async (stream: NodeJS.ReadableStream): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > LARGEST_ANSWER) throw new Error('The sign-in service gives no end of an answer.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
};
