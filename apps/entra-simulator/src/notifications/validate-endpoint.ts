import { GraphError } from '../graph/errors.js';
import { loopbackUrl, postLocally } from './loopback-post.js';

/** [D] The endpoint has so long to echo the token. */
const validationMs = 10_000;

/** [I] Code and texts as seen. */
export const validationError = (message: string): GraphError =>
  new GraphError({ status: 400, code: 'ValidationError' }, message);

const notOk = (): GraphError =>
  validationError(
    'Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request.',
  );

/** Asks a notification endpoint to echo a token as text/plain; throws Graph's refusal when it does not. */
export async function validateEndpoint(
  notificationUrl: string,
  { requestId, signal }: { requestId: string; signal: AbortSignal },
): Promise<void> {
  const url = loopbackUrl(notificationUrl);
  if (url === undefined) throw notOk();
  const token = `Validation: Testing client application reachability for subscription Request-Id: ${requestId}`;
  url.search = `${url.search === '' ? '?' : `${url.search}&`}validationToken=${encodeURIComponent(token)}`;
  const startedAt = performance.now();
  const answer = await postLocally(url, {
    contentType: 'text/plain; charset=utf-8',
    body: '',
    timeoutMs: validationMs,
    signal,
  });
  if (answer === undefined && performance.now() - startedAt >= validationMs) {
    throw validationError('Subscription validation request timed out.');
  }
  if (answer?.status !== 200) throw notOk();
  if (!answer.contentType.startsWith('text/plain') || answer.text !== token) {
    throw validationError(
      'Subscription validation request failed. Response must exactly match validationToken query parameter.',
    );
  }
}
