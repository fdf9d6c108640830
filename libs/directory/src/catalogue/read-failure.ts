import { DirectoryError } from '#core/accounts';
import { classify } from '../classify.js';
import { answeredAt, isPage, problemOf, type GraphAnswer } from '../graph-answer.js';
import { retryAfterSeconds } from '../retry-after.js';
import { unsentError } from '../unsent.js';

/** Graph's texts are short; what is longer is some proxy's page. */
const LONGEST_TEXT = 500;

/** What is needed beside an answer to say why a list could not be read. */
export interface ReadSetting {
  /** The token's roles hold a permission that is good for it: a 403 then means something else. */
  readonly permitted: boolean;
  readonly now: () => number;
  /** What must not come out again in a text. */
  readonly secret: string;
}

const textFor = ({ status, body, noAnswer }: GraphAnswer, secret: string): string => {
  const { code, text } = problemOf(body);
  const said = noAnswer ?? (text === '' ? `HTTP ${status} without a readable answer.` : text);
  const whole = `${code === null ? '' : `${code}: `}${said}`;
  return without(secret, whole).slice(0, LONGEST_TEXT);
};

const without = (secret: string, text: string): string =>
  secret === '' ? text : text.replaceAll(secret, '[redacted]');

/** Why a list of the tenant could not be read, by the same table as a step's failure. */
export const readFailure = (answer: GraphAnswer, setting: ReadSetting): DirectoryError => {
  if (answer.unsent !== undefined) return unsentError(answer.unsent, 'directory');
  const { status, headers, body } = answer;
  const { code, text, requestId } = problemOf(body);
  const facts = { status, code, text, permitted: setting.permitted, isPage: isPage(answer) };
  const { verdict } = classify({
    ...facts,
    call: 'listRoleAssignments',
    namesTarget: false,
    inBatch: false,
  });
  const { reason, retry } =
    verdict === 'already' ? ({ reason: 'unknown', retry: 'later' } as const) : verdict;
  return new DirectoryError(reason, textFor(answer, setting.secret), {
    retry,
    workload: 'directory',
    status: status === 0 ? null : status,
    code: code === null ? null : without(setting.secret, code),
    retryAfterSeconds: retryAfterSeconds(headers['retry-after'], answeredAt(headers) ?? setting.now()),
    requestId: headers['request-id'] ?? requestId,
    throttleScope: headers['x-ms-throttle-scope'] ?? null,
    throttleInformation: headers['x-ms-throttle-information'] ?? null,
  });
};

/** Graph answered 2xx with something that can't be gone on from. */
export const unreadable = (why: string): DirectoryError =>
  new DirectoryError('unknown', why, {
    retry: 'later',
    workload: 'directory',
    status: null,
    code: null,
    retryAfterSeconds: null,
    requestId: null,
  });
