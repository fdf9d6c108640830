import type { HeldRequest, RequestMatch } from './contract.js';
import { ControlError } from './control-error.js';

/** What faults and hold points look at. */
export interface Probe extends HeldRequest {
  readonly isPart: boolean;
  /** May hold secrets: it is looked at, and kept nowhere. */
  readonly body: unknown;
}

export type Test = (probe: Probe) => boolean;

/** Throws `ControlError` for a pattern that is none. */
export function matcher(match: RequestMatch, tenantId: string | undefined): Test {
  const tests = [
    tenantTest(tenantId?.toLowerCase()),
    methodTest(match.method?.toUpperCase()),
    partTest(match.part ?? 'any'),
    pathTest(match.path),
    bodyTest(match.body),
  ].filter((test) => test !== undefined);
  return (probe) => tests.every((test) => test(probe));
}

const tenantTest = (wanted: string | undefined): Test | undefined =>
  wanted === undefined ? undefined : ({ tenantId }) => tenantId === wanted;

function methodTest(wanted: string | undefined): Test | undefined {
  if (wanted === 'WRITE') return ({ method }) => method !== 'GET';
  return wanted === undefined ? undefined : ({ method }) => method === wanted;
}

const partTest = (part: NonNullable<RequestMatch['part']>): Test | undefined =>
  part === 'any' ? undefined : ({ isPart }) => isPart === (part === 'batch-part');

function pathTest(pattern: string | undefined): Test | undefined {
  if (pattern === undefined) return undefined;
  const path = pattern.startsWith('^') ? regexOf(pattern) : globOf(pattern);
  return (probe) => path.test(probe.path);
}

function bodyTest(text: string | undefined): Test | undefined {
  if (text === undefined) return undefined;
  const said = ({ body }: Probe): string => (body === undefined ? '' : JSON.stringify(body));
  if (!text.startsWith('^')) return (probe) => said(probe).includes(text);
  const regex = regexOf(text);
  return (probe) => regex.test(said(probe));
}

function regexOf(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'i');
  } catch {
    throw new ControlError(400, `'${pattern}' is no regular expression`);
  }
}

/** `**` is anything, `*` anything but a slash. */
function globOf(pattern: string): RegExp {
  const literal = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  const glob = literal.replace(/\*\*|\*/g, (stars) => (stars === '**' ? '.*' : '[^/]*'));
  return new RegExp(`^${glob}$`, 'i');
}
