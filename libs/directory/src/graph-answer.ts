/** What came back for one request or one part of a batch. */
export interface GraphAnswer {
  /** 0: no answer came. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** From its sending to its answer; what it wrote was written somewhere in between. */
  readonly tookMs?: number;
  /** Why no answer came. */
  readonly noAnswer?: string;
  /** No answer can come: the request never left. */
  readonly unsent?: Unsent;
}

/** Why a request never left: it is too early by so many milliseconds, or it didn't get its turn. */
export interface Unsent {
  readonly waitMs?: number;
  readonly why?: string;
}

/** How late a request may be throttled: Graph refuses low ones first and high ones last. */
export type ThrottlePriority = 'Low' | 'Normal' | 'High';

/** One request to Graph; the path is relative to `/v1.0`, with its query, as in a batch. */
export interface GraphRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  /** Unsaid: Graph's own default, which is normal. */
  readonly priority?: ThrottlePriority;
  /** Asks the index, which can search and count, and lags. */
  readonly fromIndex?: boolean;
}

/** What a request says of itself beside method, path and body; the same alone and as part of a batch. */
export const headersOf = ({ priority, fromIndex }: GraphRequest): Readonly<Record<string, string>> => ({
  ...(priority === undefined ? {} : { 'x-ms-throttle-priority': priority }),
  ...(fromIndex === true ? { ConsistencyLevel: 'eventual' } : {}),
});

/** The fields of a JSON object; empty for anything else. */
export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Codes and ids are a word or a GUID: what is longer is none, and is kept in no row of ours. */
const LONGEST_CODE = 200;

/** Graph's `{"error": {...}}`, as far as it is there. Codes are Pascal case in the directory, camel case elsewhere. */
export const problemOf = (body: unknown): { code: string | null; text: string; requestId: string | null } => {
  const error = fieldsOf(fieldsOf(body)['error']);
  // Microsoft's own page of errors writes it both ways.
  const inner = fieldsOf(error['innerError'] ?? error['innererror']);
  const details = Array.isArray(error['details'])
    ? error['details'].map((detail) => textOf(fieldsOf(detail)['code']))
    : [];
  return {
    code: textOf(error['code'])?.slice(0, LONGEST_CODE) ?? null,
    // A conflict is told apart by the code of its details only.
    text: [textOf(error['message']), ...details].filter((part) => part !== null).join(' '),
    requestId: textOf(inner['request-id'])?.slice(0, LONGEST_CODE) ?? null,
  };
};

/** The answers in the envelope of a batch; null when it was not opened. */
export const answersIn = (body: unknown): readonly unknown[] | null => {
  const { responses } = fieldsOf(body);
  return Array.isArray(responses) ? responses : null;
};

/** Graph answers in JSON: a page for people speaks for somebody on the way, whatever its status. */
export const isPage = ({ headers }: GraphAnswer): boolean => /html/i.test(headers['content-type'] ?? '');

/** A refusal in Graph's form: a gateway's 404 is no proof that there is nobody, whatever it is written in. */
export const isGraphsError = (answer: GraphAnswer): boolean => {
  const { error } = fieldsOf(answer.body);
  return !isPage(answer) && typeof error === 'object' && error !== null;
};

/** When Graph answered, by its own clock; null without a readable `Date`. */
export const answeredAt = (headers: GraphAnswer['headers']): number | null => {
  const at = Date.parse(headers['date'] ?? '');
  return Number.isNaN(at) ? null : at;
};
