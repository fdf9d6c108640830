import { Secret } from '#core/shared';

const REDACTED = '[redacted]';
/** Deeper things aren't worth reading, and a log line must end. */
const MAX_DEPTH = 12;
const MAX_ITEMS = 100;
const MAX_TEXT = 8_000;

/** Keys whose value is never printed, at any depth and in any spelling (`clientSecret`, `x-authorization`). */
const SECRET_KEY =
  /pass(word|wd|phrase|code)|^(temporaryAccess)?pass$|secret|authorization|cookie|token|credential|assertion|(private|api).?key/i;

/** Shapes that give a secret away wherever they stand; each keeps what helps to find its source. */
const SECRET_SHAPES: readonly (readonly [RegExp, string])[] = [
  [/curfew_[A-Za-z0-9]{20,}(?:_[A-Za-z0-9]+)?/g, `curfew_${REDACTED}`],
  [/eyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*){0,3}/g, REDACTED],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{16,}/gi, `$1 ${REDACTED}`],
  [/(\w+:\/\/[^\s:@/]*):[^\s@/]+@/g, `$1:${REDACTED}@`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*-----|$)/g, REDACTED],
  [
    /((?:pass(?:word|wd|phrase)?|secret|authorization|token|api_?key)["']?\s*[=:]\s*["']?)[^\s"',;&}]+/gi,
    `$1${REDACTED}`,
  ],
];

/** Text without anything that looks like a secret, and of bounded length. */
export const redactText = (text: string): string => {
  const bounded = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
  return SECRET_SHAPES.reduce((clean, [shape, instead]) => clean.replace(shape, instead), bounded);
};

/** A copy that is safe to print: no secret, no cycle, no end of depth; errors as what helps and nothing else. */
export const redact = (value: unknown): unknown => copy(value, []);

/** The objects around a value, outermost first: tells depth and cycles. */
type Path = readonly object[];

const copy = (value: unknown, path: Path): unknown => {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (value instanceof Secret) return REDACTED;
  if (path.includes(value)) return '[circular]';
  if (path.length >= MAX_DEPTH) return '[too deep]';
  try {
    return copyObject(value, [...path, value]);
  } catch {
    // A getter or toJSON that throws must not cost us the line.
    return '[unprintable]';
  }
};

const copyObject = (value: object, path: Path): unknown => {
  if (isError(value)) return copyError(value, path);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => copy(item, path));
  if (value instanceof Map) return copyEntries([...value], path);
  if (value instanceof Set) return [...value].slice(0, MAX_ITEMS).map((item) => copy(item, path));
  if (hasToJson(value)) return copy(value.toJSON(), path);
  return copyEntries(Object.entries(value), path);
};

const copyEntries = (entries: readonly (readonly [unknown, unknown])[], path: Path): unknown =>
  Object.fromEntries(
    entries
      .slice(0, MAX_ITEMS)
      .map(([key, value]) => [
        redactText(String(key)),
        SECRET_KEY.test(String(key)) && value !== null && typeof value !== 'boolean'
          ? REDACTED
          : copy(value, path),
      ]),
  );

/** What errors carry on purpose. Others hang requests, headers and bodies on theirs: those are left out. */
const ERROR_FACTS = [
  'code',
  'kind',
  'details',
  'reason',
  'facts',
  'status',
  'statusCode',
  'cause',
  'errors',
] as const;

const copyError = (error: Error, path: Path): unknown => ({
  type: error.name,
  message: redactText(error.message),
  ...Object.fromEntries(
    ERROR_FACTS.flatMap((key) => {
      const fact = (error as unknown as Record<string, unknown>)[key];
      return fact === undefined ? [] : [[key, copy(fact, path)]];
    }),
  ),
  ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
});

/** Errors of another realm (a test's sandbox, a worker thread) are errors too. */
const isError = (value: object): value is Error =>
  value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';

const hasToJson = (value: object): value is { toJSON(): unknown } =>
  'toJSON' in value && typeof value.toJSON === 'function';
