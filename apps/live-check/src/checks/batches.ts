import { fieldsOf, heldIf, inShort, notChecked, type Check, type Scene } from '../check.js';

interface Part {
  readonly id: string;
  readonly status: number;
}
const NOBODY = '/users/00000000-0000-4000-8000-00000000dead';
const get = (id: string, url = '/organization?$select=id', more: object = {}): object => ({
  id,
  method: 'GET',
  url,
  ...more,
});

const sendBatch = async (scene: Scene, requests: readonly object[]) => {
  const answer = await scene.ask({ method: 'POST', path: '/$batch', body: { requests } });
  const { responses } = fieldsOf(answer.body);
  const parts = (Array.isArray(responses) ? responses : []) as Part[];
  return { answer, statusOf: (id: string) => parts.find((part) => part.id === id)?.status ?? 0, parts };
};

/** A batch that must be refused as a whole. */
const refused = (id: string, assumes: string, requests: readonly object[]): Check => ({
  id,
  assumes,
  evidence: 'documented',
  scenarios: ['S095'],
  run: async (scene) => {
    const { answer } = await sendBatch(scene, requests);
    return heldIf(answer.status === 400, inShort(answer));
  },
});

/** The batch: the envelope that nearly all of Curfew's calls go in. */
export const batchChecks: readonly Check[] = [
  refused(
    'batch.most-parts',
    'A batch of 21 is refused as a whole.',
    Array.from({ length: 21 }, (_, at) => get(String(at))),
  ),
  refused('batch.same-id', 'Two parts with one id are refused as a whole.', [get('1'), get('1')]),
  {
    id: 'batch.twenty',
    assumes: 'A batch of 20 is answered 200, part by part.',
    evidence: 'documented',
    scenarios: ['S092', 'S095'],
    run: async (scene) => {
      const { answer, parts } = await sendBatch(
        scene,
        Array.from({ length: 20 }, (_, at) => get(String(at))),
      );
      return heldIf(
        answer.status === 200 && parts.length === 20,
        `${answer.status}, ${parts.length} parts, ${answer.tookMs} ms`,
      );
    },
  },
  {
    id: 'batch.depends-on',
    assumes: 'What depends on a failed part is answered 424, and what does not is done.',
    evidence: 'documented',
    scenarios: ['S094'],
    run: async (scene) => {
      const { answer, statusOf } = await sendBatch(scene, [
        get('fails', NOBODY),
        get('waits', undefined, { dependsOn: ['fails'] }),
        get('stands-alone'),
      ]);
      if (answer.status !== 200) return notChecked(inShort(answer));
      const found = ['fails', 'waits', 'stands-alone'].map(statusOf);
      return heldIf(found.join() === '404,424,200', found.join(', '));
    },
  },
  {
    id: 'batch.content-type',
    assumes: 'A part with a body and no Content-Type is answered 400 by itself.',
    evidence: 'documented',
    scenarios: ['S095'],
    run: async (scene) => {
      const part = { id: '1', method: 'POST', url: '/directoryObjects/getByIds', body: { ids: [] } };
      const { answer, statusOf } = await sendBatch(scene, [part, get('2')]);
      const found = answer.status === 200 ? [statusOf('1'), statusOf('2')] : [answer.status];
      return heldIf(found.join() === '400,200', found.join(', '));
    },
  },
  {
    id: 'batch.bodiless-write',
    assumes: 'A write without a body refuses its batch as a whole.',
    evidence: 'seen by others',
    scenarios: ['S095'],
    run: async (scene) => {
      const bare = { id: '1', method: 'POST', url: '/directoryObjects/getByIds' };
      const { answer, statusOf } = await sendBatch(scene, [bare, get('2')]);
      const said = answer.status === 200 ? `parts ${statusOf('1')}, ${statusOf('2')}` : inShort(answer);
      return heldIf(answer.status === 400, said);
    },
  },
];
