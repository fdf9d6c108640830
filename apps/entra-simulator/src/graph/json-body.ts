import { malformed, type GraphError } from './errors.js';

interface Incoming {
  readonly method: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * The body as JSON; undefined: there is none, or the method has none. [I] The texts, and that they come with 400:
 * 415 is not seen for bodies of the directory.
 */
export function bodyOf({ method, text, headers }: Incoming): unknown {
  if (text === '' || method === 'GET' || method === 'DELETE') return undefined;
  const refusal = refusalOfType(headers['content-type']);
  if (refusal !== undefined) throw refusal;
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    );
  }
}

/** The refusal of a Content-Type that is not there or is not JSON. */
export function refusalOfType(contentType: string | undefined): GraphError | undefined {
  if (contentType === undefined) {
    return malformed('Write requests (excluding DELETE) must contain the Content-Type header declaration.');
  }
  const [type = ''] = contentType.split(';');
  return type.trim().toLowerCase() === 'application/json'
    ? undefined
    : malformed('Entity only allows writes with a JSON Content-Type header.');
}
