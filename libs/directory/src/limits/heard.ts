import { answeredAt, type GraphAnswer } from '../graph-answer.js';
import { retryAfterSeconds } from '../retry-after.js';
import type { Heard } from './allowances.js';

const SECOND_MS = 1_000;

/** What an answer says of limits. */
export const heardIn = ({ status, headers }: GraphAnswer, wallClock: () => number): Heard => {
  const seconds = retryAfterSeconds(headers['retry-after'], answeredAt(headers) ?? wallClock());
  const percentage = Number(headers['x-ms-throttle-limit-percentage'] ?? Number.NaN);
  return {
    throttled: status === 429,
    // A server that stumbles may not have come to its limits; 424 is said of what was not looked at.
    passed: status >= 200 && status < 500 && status !== 429 && status !== 424,
    retryAfterMs: seconds === null ? null : seconds * SECOND_MS,
    scope: headers['x-ms-throttle-scope'] ?? null,
    information: headers['x-ms-throttle-information'] ?? null,
    percentage: Number.isFinite(percentage) ? percentage : null,
  };
};
