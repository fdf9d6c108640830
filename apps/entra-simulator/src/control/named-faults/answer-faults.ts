import type { NamedFault } from '../contract.js';
import { anyGraph, from } from './entry.js';

const anything = { path: anyGraph };
const aWrite = { method: 'write', path: anyGraph };
const newUser = { method: 'POST', path: '/users' };
/** A whole HTTP answer, of a batch as a whole too. */
const whole = { path: anyGraph, part: 'request' as const };

/** Graph asks to wait, truly or not. */
const throttles: readonly NamedFault[] = [
  {
    name: 'endless-429',
    tells: 'Everything is throttled with a wait of 1 s, over and over, and nothing is done.',
    ...from('S090 N17 I'),
    rule: { match: anything, effect: { status: 429, retryAfter: 1 } },
  },
  {
    name: 'endless-429-long',
    tells: 'The same with a wait of 315 s.',
    ...from('S090 N17 I'),
    rule: { match: anything, effect: { status: 429, retryAfter: 315 } },
  },
  {
    name: '429-part-of-batch',
    tells: 'Three parts of a batch are throttled and not done; the other parts are done.',
    ...from('S092 N18 D'),
    rule: {
      match: { path: anyGraph, part: 'batch-part' },
      times: 3,
      effect: { status: 429, retryAfter: 7 },
    },
  },
  {
    name: 'carried-out-although-429',
    tells: 'A write is answered 429 although it was carried out.',
    ...from('S093 - I'),
    rule: { match: aWrite, times: 1, effect: { status: 429, retryAfter: 1, commit: true } },
  },
  {
    name: '429-without-retry-after',
    tells: 'A request is throttled, not done, and not told for how long.',
    ...from('S091 - D'),
    rule: { match: anything, times: 1, effect: { status: 429 } },
  },
  {
    name: 'retry-after-date',
    tells: 'A request is throttled and not done; Retry-After is a date, 30 s from now.',
    ...from('S091 - D'),
    rule: { match: anything, times: 1, effect: { status: 429, retryAfter: 30, retryAfterAs: 'date' } },
  },
  {
    name: 'retry-after-fraction',
    tells: 'A request is throttled and not done; Retry-After is 2.128.',
    ...from('S091 - D'),
    rule: { match: anything, times: 1, effect: { status: 429, retryAfter: 2.128 } },
  },
];

/** Nobody is told what became of the request. */
const lost: readonly NamedFault[] = [
  {
    name: 'commit-then-504',
    tells: 'A user is made and the answer is 504: sent again, its name is taken.',
    ...from('S018 N5 C'),
    rule: { match: newUser, times: 1, effect: { status: 504, commit: true } },
  },
  {
    name: 'timeout-before-commit',
    tells: 'A create is answered 504 and nothing was made.',
    ...from('S019 N6 D'),
    rule: { match: newUser, times: 1, effect: { status: 504 } },
  },
  {
    name: '503-mid-write',
    tells: 'A write is answered 503, carried out or not as the seed has it.',
    ...from('S096 N19 C'),
    rule: { match: aWrite, times: 1, effect: { status: 503, commit: 'perhaps' } },
  },
  {
    name: 'connection-cut-before',
    tells: 'The connection ends without an answer, and nothing was done.',
    ...from('S097 - I'),
    rule: { match: anything, times: 1, effect: { cut: 'before-commit' } },
  },
  {
    name: 'connection-cut-after',
    tells: 'The request is carried out and the connection ends without an answer.',
    ...from('S097 - I'),
    rule: { match: anything, times: 1, effect: { cut: 'after-commit' } },
  },
  {
    name: 'slow-answer',
    tells: 'The request is carried out, and the answer comes 30 s later.',
    ...from('S097 - I'),
    rule: { match: anything, times: 1, effect: { slowMs: 30_000, at: 'after-commit' } },
  },
  {
    name: 'duplicate-delivery',
    tells:
      'A write is delivered twice, as by a proxy that tries again; the second answer is the one that comes.',
    ...from('S053 - C'),
    rule: { match: aWrite, times: 1, effect: { twice: true } },
  },
  {
    name: 'spurious-401',
    tells: 'A valid token is refused once, and nothing is done.',
    ...from('S010 N1 I'),
    rule: { match: anything, times: 1, effect: { status: 401 } },
  },
];

const batches: readonly NamedFault[] = [
  {
    name: 'batch-envelope-503',
    tells: 'A batch is answered 503 as a whole, and none of its parts was done.',
    ...from('S096 - D'),
    rule: { match: { path: '/$batch' }, times: 1, effect: { status: 503 } },
  },
  {
    name: 'batch-parts-shuffled',
    tells: 'The parts of a batch run and answer in an order of their own.',
    ...from('S092 - D'),
    always: 'any batch',
    rule: null,
  },
  {
    name: 'half-a-batch-then-cut',
    tells: 'Half of the parts of a batch are done, and the connection ends without an answer.',
    ...from('S097 - ?'),
    rule: { match: { path: '/$batch' }, times: 1, effect: { cut: 'mid-batch' } },
  },
];

/** What comes is not what Graph would say. */
const garbled: readonly NamedFault[] = [
  {
    name: 'html-instead-of-json',
    tells: "A proxy's page comes with 502, and nothing was done.",
    ...from('S096 - ?'),
    rule: { match: whole, times: 1, effect: { garble: 'html' } },
  },
  {
    name: 'html-with-200',
    tells: "A proxy's page comes with 200 as if all were well, and nothing was done.",
    ...from('- - ?'),
    rule: { match: whole, times: 1, effect: { garble: 'html', status: 200 } },
  },
  {
    name: 'truncated-json',
    tells: 'The request is carried out, and half of its answer comes.',
    ...from('- - ?'),
    rule: { match: whole, times: 1, effect: { garble: 'truncated' } },
  },
  {
    name: 'empty-200',
    tells: 'The request is carried out, and the answer is 200 with nothing in it.',
    ...from('- - ?'),
    rule: { match: whole, times: 1, effect: { garble: 'empty', status: 200 } },
  },
];

export const answerFaults: readonly NamedFault[] = [...throttles, ...lost, ...batches, ...garbled];
