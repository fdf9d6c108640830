import {
  DirectoryError,
  workloadOf,
  type DirectoryCall,
  type DirectoryErrorReason,
  type DirectoryStep,
  type StepOutcome,
} from '#core/accounts';
import { idOf, MINUTE, SECOND } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import { alreadySo, MalformedAnswer, nobody, readAnswer } from './answers.js';
import { classify } from './classify.js';
import { answeredAt, isGraphsError, isPage, problemOf, type GraphAnswer } from './graph-answer.js';
import { isPermitted, type Lists } from './permissions.js';
import { retryAfterSeconds } from './retry-after.js';
import { refusedStatus } from './timed-role-answers.js';
import { unsentError } from './unsent.js';

/** An answer that the table of classify.ts doesn't know: worth a row there. Carries no body of a request. */
export interface UnclassifiedAnswer {
  readonly call: DirectoryCall['do'];
  readonly status: number;
  readonly code: string | null;
  readonly message: string;
  readonly requestId: string | null;
}

/** What is needed beside an answer to say what it means. */
export interface Setting {
  readonly app: EntraApp;
  /** The roles of the token that is in use now. */
  readonly roles: ReadonlySet<string>;
  /** Those that were asked for. */
  readonly lists: Lists;
  readonly inBatch: boolean;
  readonly now: () => number;
  readonly onUnclassified: (facts: UnclassifiedAnswer) => void;
}

/** Graph's texts are short; what is longer is some proxy's page. */
const LONGEST_TEXT = 500;

/** Graph may quote what it refuses: the secrets that a call carried never come back out. */
const scrubbed = (text: string, { call, app }: { call: DirectoryCall; app: EntraApp }): string => {
  const secrets = [app.credential.value.expose(), 'password' in call ? call.password.expose() : ''];
  return secrets
    .filter((secret) => secret !== '')
    .reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text)
    .slice(0, LONGEST_TEXT);
};

/** What became of a step that was answered, or of which we know that no answer came. */
export const outcomeOf = (step: DirectoryStep, answer: GraphAnswer, setting: Setting): StepOutcome => {
  const { tookMs } = answer;
  const outcome = { ...judged(step, answer, setting), ...(tookMs === undefined ? {} : { tookMs }) };
  const used = Number(answer.headers['x-ms-throttle-limit-percentage'] ?? Number.NaN);
  return Number.isFinite(used) ? { ...outcome, throttlePercentage: used } : outcome;
};

const judged = (step: DirectoryStep, answer: GraphAnswer, setting: Setting): StepOutcome => {
  if (answer.unsent !== undefined) return failed(step, unsentError(answer.unsent, workloadOf(step.call)));
  const { ref, call } = step;
  const at = answer.status === 0 ? null : answeredAt(answer.headers);
  if (isCarriedOut(call, answer)) return readOutcome(step, answer, setting);
  const absent = answer.status === 404 && isGraphsError(answer) ? nobody(call) : null;
  if (absent !== null) return { ref, at, ok: true, answer: absent };
  const failure = failureOf(call, answer, setting);
  return failure === 'already'
    ? { ref, at, ok: true, answer: alreadySo(call) }
    : { ref, at, ok: false, error: failure };
};

const isCarriedOut = (call: DirectoryCall, answer: GraphAnswer): boolean =>
  answer.status >= 200 && answer.status < 300 && !isPage(answer) && refusedStatus(call, answer.body) === null;

/** Graph's own words; of a request that was taken and came to nothing they are its status. */
const saidBy = (call: DirectoryCall, answer: GraphAnswer): ReturnType<typeof problemOf> => {
  const problem = problemOf(answer.body);
  const status = answer.status < 300 ? refusedStatus(call, answer.body) : null;
  return status === null ? problem : { ...problem, code: status, text: 'What became of the request.' };
};

/** Those whose answer brings what can't be done without. */
const WRITES_WITH_ANSWER = new Set<DirectoryCall['do']>(['createUser', 'mintPass']);

const readOutcome = ({ ref, call }: DirectoryStep, answer: GraphAnswer, setting: Setting): StepOutcome => {
  const at = answeredAt(answer.headers);
  try {
    const asked = { lists: setting.lists, at: at ?? setting.now() };
    return { ref, at, ok: true, answer: readAnswer(call, answer.body, asked) };
  } catch (error) {
    if (!(error instanceof MalformedAnswer)) throw error;
    const facts = { ...describe(call, answer, setting), message: error.message };
    setting.onUnclassified(facts);
    // A write was carried out: only what it brought is open.
    const reason = WRITES_WITH_ANSWER.has(call.do) ? 'unanswered' : 'unknown';
    return {
      ref,
      at,
      ok: false,
      error: errorOf(reason, 'later', { call, answer, setting, message: error.message }),
    };
  }
};

const failureOf = (
  call: DirectoryCall,
  answer: GraphAnswer,
  setting: Setting,
): DirectoryError | 'already' => {
  const { code, text } = saidBy(call, answer);
  const { verdict, known } = classify({
    call: call.do,
    status: answer.status,
    code,
    text,
    permitted: isPermitted(call, setting.roles),
    namesTarget: targetsOf(call).some((id) => text.toLowerCase().includes(id.toLowerCase())),
    inBatch: setting.inBatch,
    isPage: isPage(answer),
  });
  if (verdict === 'already') return 'already';
  const facts = describe(call, answer, setting);
  if (!known) setting.onUnclassified(facts);
  return errorOf(verdict.reason, verdict.retry, { call, answer, setting, message: facts.message });
};

/** What the user of the call is put into or taken out of. */
const targetsOf = (call: DirectoryCall): readonly string[] => [
  ...('groupId' in call ? [call.groupId] : []),
  ...('unitId' in call ? [call.unitId] : []),
];

const describe = (call: DirectoryCall, answer: GraphAnswer, { app }: Setting): UnclassifiedAnswer => {
  const { code, text, requestId } = saidBy(call, answer);
  const said = answer.noAnswer ?? (text === '' ? `HTTP ${answer.status} without a text.` : text);
  return {
    call: call.do,
    status: answer.status,
    code: code === null ? null : scrubbed(code, { call, app }),
    message: scrubbed(`${code === null ? '' : `${code}: `}${said}`, { call, app }),
    requestId: answer.headers['request-id'] ?? requestId,
  };
};

interface Cause {
  readonly call: DirectoryCall;
  readonly answer: GraphAnswer;
  readonly setting: Setting;
  readonly message: string;
}

const errorOf = (reason: DirectoryErrorReason, retry: 'later' | 'never', cause: Cause): DirectoryError => {
  const { call, answer, setting, message } = cause;
  const { code, requestId } = describe(call, answer, setting);
  return new DirectoryError(reason, message, {
    retry,
    workload: workloadOf(call),
    status: answer.status === 0 ? null : answer.status,
    code,
    retryAfterSeconds: waitOf(reason, cause),
    requestId,
    throttleScope: answer.headers['x-ms-throttle-scope'] ?? null,
    throttleInformation: answer.headers['x-ms-throttle-information'] ?? null,
  });
};

/** PIM takes nothing back before. Source: see the rows of `too_soon`. */
const SHORTEST_TIMED_ROLE_MS = 5 * MINUTE;

/** As Graph asks; or until the five minutes are over, as far as it is known when they began. */
const waitOf = (reason: DirectoryErrorReason, { call, answer, setting }: Cause): number | null => {
  const at = answeredAt(answer.headers) ?? setting.now();
  const asked = retryAfterSeconds(answer.headers['retry-after'], at);
  if (reason !== 'too_soon' || !('givenAt' in call) || call.givenAt === undefined) return asked;
  const left = call.givenAt + SHORTEST_TIMED_ROLE_MS - at;
  // A moment at least: what Graph has just refused can't be sent again at once.
  return Math.max(asked ?? 0, 1, Math.ceil(left / SECOND));
};

const ownError = (
  call: DirectoryCall,
  reason: 'not_tried' | 'invalid' | 'unknown',
  why: string,
): DirectoryError =>
  new DirectoryError(reason, why, {
    retry: reason === 'invalid' ? 'never' : 'later',
    workload: workloadOf(call),
    status: null,
    code: null,
    retryAfterSeconds: null,
    requestId: null,
  });
/** A step that failed before Graph could answer it. */
export const failed = ({ ref }: DirectoryStep, error: DirectoryError): StepOutcome => ({
  ref,
  at: null,
  ok: false,
  error,
});

/** What a failed read that is no step of anybody's means; an answer 2xx fails by having come here. */
export const readError = (answer: GraphAnswer, setting: Setting): DirectoryError => {
  const call: DirectoryCall = { do: 'listRoleAssignments', user: idOf('') };
  const outcome = outcomeOf({ ref: '', call }, answer, setting);
  return outcome.ok
    ? ownError(call, 'unknown', 'Graph gave an answer that fits no question.')
    : outcome.error;
};

/** A step that would be refused, as far as we know: it doesn't leave before so many milliseconds. */
export const tooEarly = (step: DirectoryStep, waitMs: number): StepOutcome =>
  failed(step, unsentError({ waitMs }, workloadOf(step.call)));

/** A step that never left, and may leave another time. */
export const notTried = (step: DirectoryStep, why: string): StepOutcome =>
  failed(step, ownError(step.call, 'not_tried', why));
/** A step for which Graph has no request. */
export const impossible = (step: DirectoryStep): StepOutcome =>
  failed(step, ownError(step.call, 'invalid', 'Graph has no way to do this.'));
/** A list that could not be read to its end: part of it is no answer. */
export const unfinished = (step: DirectoryStep): StepOutcome =>
  failed(step, ownError(step.call, 'unknown', 'The list goes on for too long, or leads elsewhere.'));
