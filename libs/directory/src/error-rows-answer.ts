import { later, never, type ErrorRow } from './error-row.js';

const SERVER_TROUBLE = [408, 500, 502, 503, 504, 509];

/** What the status alone tells, and whether it was Graph that answered. */
export const ANSWER_ROWS: readonly ErrorRow[] = [
  {
    status: [0],
    means: later('unanswered'),
    why: 'No answer leaves open whether it was carried out.',
    evidence: 'I: msgraph-sdk-javascript#330',
  },
  {
    status: [429],
    means: later('throttled'),
    why: 'Not looked at, or (a part of a batch, now and then) carried out all the same.',
    evidence: 'D: graph/throttling; I: learn Q&A 5529013',
  },
  {
    isPage: true,
    means: later('unanswered'),
    why: 'A page for people comes from a proxy, a gateway or a sign-in wall: Graph speaks JSON, whatever the status says.',
    evidence: '?: chosen, so that no 404 or 200 of a stranger counts as done',
  },
  {
    status: SERVER_TROUBLE,
    means: later('unanswered'),
    why: 'A server that stumbles may or may not have carried it out.',
    evidence: 'C: RetryHandler of the JavaScript client',
  },
  {
    status: [424],
    inBatch: true,
    means: later('not_tried'),
    why: 'What it waits for in the batch failed.',
    evidence: 'D: graph/json-batching',
  },
  {
    status: [424],
    means: later('unanswered'),
    why: 'Of an envelope or a lone request it says nothing: an old page has it on an envelope with a throttled part.',
    evidence: 'D: graph/json-batching, 2021',
  },
  {
    status: [401],
    inBatch: true,
    means: later('unanswered'),
    why: 'The envelope’s token was good a moment ago: Graph refuses valid tokens now and then.',
    evidence: 'I: issue threads on InvalidAuthenticationToken',
  },
  {
    status: [401],
    means: later('credential_bad'),
    why: 'Refused even with a fresh token. Somebody may mend it.',
    evidence: 'D: graph/errors',
  },
  {
    status: [410],
    means: never('gone'),
    why: 'The state to go on from is too old: read everything anew.',
    evidence: 'D: graph/delta-query-overview',
  },
  {
    status: [423],
    means: later('conflict'),
    why: 'The object is locked by another request.',
    evidence: 'D: graph/errors',
  },
  {
    status: [405, 406, 411, 413, 414, 415, 501],
    means: never('invalid'),
    why: 'This cloud’s Graph knows no such call.',
    evidence: 'D: graph/errors',
  },
];
