import { idOf, Secret } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import { sendBatch, type BatchPart } from './batch-call.js';
import type { GraphAnswer, GraphRequest } from './graph-answer.js';

const app: EntraApp = {
  connectionId: idOf('c'),
  version: 1,
  cloud: 'global',
  tenantId: 't',
  clientId: 'a',
  credential: { kind: 'secret', value: new Secret('s') },
};
const parts: readonly BatchPart[] = [
  {
    id: '1',
    request: { method: 'PATCH', path: '/users/u', body: { accountEnabled: false } },
    dependsOn: null,
  },
  { id: '2', request: { method: 'DELETE', path: '/users/u' }, dependsOn: '1' },
];
const answering = (answer: Partial<GraphAnswer>) => {
  const sent: GraphRequest[] = [];
  const send = (_app: EntraApp, request: GraphRequest): Promise<GraphAnswer> => {
    sent.push(request);
    return Promise.resolve({ status: 200, headers: { date: 'then' }, body: null, ...answer });
  };
  return { sent, stage: { client: { send }, app, signal: new AbortController().signal } };
};

describe('sendBatch', () => {
  it('writes parts as Graph wants them: a content type where there is a body, dependencies by id', async () => {
    const { sent, stage } = answering({});

    await sendBatch(stage, parts);

    expect(sent).toEqual([
      {
        method: 'POST',
        path: '/$batch',
        body: {
          requests: [
            {
              id: '1',
              method: 'PATCH',
              url: '/users/u',
              headers: { 'Content-Type': 'application/json' },
              body: { accountEnabled: false },
            },
            { id: '2', method: 'DELETE', url: '/users/u', dependsOn: ['1'] },
          ],
        },
      },
    ]);
  });

  it('is not upset by ids and headers that are no words', async () => {
    const odd = { toString: 1, valueOf: 1 };
    const responses = [
      { id: odd, status: 204 },
      { id: 1, status: 204, headers: { date: odd, 'Retry-After': 9 } },
    ];
    const { stage } = answering({ body: { responses } });

    const { parts: answers } = await sendBatch(stage, parts);

    expect(answers.get('1')).toMatchObject({ status: 204, headers: { date: '', 'retry-after': '9' } });
    expect(answers.get('2')).toMatchObject({ status: 0 });
  });

  it('reads answers by id in whatever order they come, each with its own headers', async () => {
    const responses = [
      { id: '2', status: 429, headers: { 'Retry-After': '9' }, body: { error: {} } },
      { id: '1', status: 204 },
    ];
    const { stage } = answering({ body: { responses } });

    const answer = await sendBatch(stage, parts);

    expect(answer.parts.get('1')).toMatchObject({ status: 204, headers: { date: 'then' } });
    expect(answer.parts.get('2')).toMatchObject({
      status: 429,
      headers: { date: 'then', 'retry-after': '9' },
    });
  });

  it('takes a part that is missing for unanswered', async () => {
    const { stage } = answering({ body: { responses: [{ id: '1', status: 204 }] } });

    const answer = await sendBatch(stage, parts);

    expect(answer.opened).toBe(true);
    expect(answer.parts.get('2')?.status).toBe(0);
  });

  it.each([207, 400, 424, 429, 503])(
    'opens an envelope that carries answers, whatever its status: %i',
    async (status) => {
      const responses = [
        { id: '1', status: 204 },
        { id: '2', status: '429', headers: { 'Retry-After': '9' } },
      ];
      const { stage } = answering({ status, body: { responses } });

      const answer = await sendBatch(stage, parts);

      expect(answer.opened).toBe(true);
      expect([...answer.parts.values()].map((part) => part.status)).toEqual([204, 429]);
    },
  );

  it.each([200, 202, 404])(
    'takes no part for answered by an envelope without answers that says %i',
    async (status) => {
      const { stage } = answering({ status, body: {} });

      const answer = await sendBatch(stage, parts);

      expect([...answer.parts.values()].map((part) => part.status)).toEqual([0, 0]);
    },
  );

  it('gives every part the answer to an envelope that was refused', async () => {
    const { stage } = answering({ status: 503, headers: { 'retry-after': '3' } });

    const answer = await sendBatch(stage, parts);

    expect(answer.opened).toBe(false);
    expect([...answer.parts.values()].map(({ status, headers }) => [status, headers['retry-after']])).toEqual(
      [
        [503, '3'],
        [503, '3'],
      ],
    );
  });
});
