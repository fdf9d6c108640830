import type { ReadStage } from '../catalogue/read-list.js';
import { readFailure } from '../catalogue/read-failure.js';
import type { GraphAnswer, GraphRequest } from '../graph-answer.js';
import { appFor } from './simulated-tenant.js';

const HOST = 'https://graph.example/v1.0';

/** A link as Graph gives it. */
export const linkTo = (path: string): string => `${HOST}${path}`;

export const page = (value: readonly object[], links: object = {}): GraphAnswer => ({
  status: 200,
  headers: {},
  body: { value, ...links },
});

/** A stage on which Graph answers as it is written; what it was asked is told by `asked`. */
export const scriptedStage = (
  answers: readonly GraphAnswer[],
): ReadStage & { readonly asked: readonly GraphRequest[] } => {
  const asked: GraphRequest[] = [];
  const ended: GraphAnswer = { status: 0, headers: {}, body: null, noAnswer: 'The script is over.' };
  return {
    asked,
    app: appFor('t'),
    signal: new AbortController().signal,
    failure: (answer) => readFailure(answer, { permitted: true, now: () => 0, secret: 'canary' }),
    client: {
      send: (_app, request) => {
        asked.push(request);
        return Promise.resolve(answers[asked.length - 1] ?? ended);
      },
      pathOf: (link) => (link.startsWith(`${HOST}/`) ? link.slice(HOST.length) : null),
    },
  };
};
