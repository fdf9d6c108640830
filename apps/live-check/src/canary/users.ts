import {
  differs,
  elementsOf,
  fieldsOf,
  held,
  heldIf,
  inShort,
  isRefusal,
  notChecked,
  type Check,
} from '../check.js';
import { canaryBody, isOpen, newPassword, type CanaryScene } from './account.js';

type CanaryCheck = Check<CanaryScene>;

/** What was said when it was deleted; empty when it wasn't. */
const deleted = async (scene: CanaryScene, id: string): Promise<string> => {
  const { answer } = await scene.until(
    { method: 'DELETE', path: `/users/${id}` },
    ({ status }) => status === 204,
  );
  return answer.status === 204 ? inShort(answer) : '';
};

/** A create that must be refused; what is made in spite of it is deleted at once. */
const refusedCreate = (
  about: Pick<CanaryCheck, 'id' | 'assumes' | 'evidence' | 'scenarios'>,
  change: (scene: CanaryScene) => Readonly<Record<string, unknown>>,
  refusal: { readonly code: string; readonly words: RegExp },
): CanaryCheck => ({
  ...about,
  run: async (scene) => {
    const body = { ...canaryBody(scene.account.domain), ...change(scene) };
    const answer = await scene.ask({ method: 'POST', path: '/users', body });
    const { id } = fieldsOf(answer.body);
    const name = String(fieldsOf(body)['userPrincipalName']);
    const isOther = name !== scene.account.name;
    if (answer.status === 201 && typeof id === 'string') {
      let said = '';
      try {
        said = await deleted(scene, id);
      } finally {
        if (said === '') scene.onLeft(name);
      }
      return differs(
        said === ''
          ? 'It was created, and could not be deleted.'
          : `It was created, and deleted again (${said}).`,
      );
    }
    if (isOpen(answer) && isOther) scene.onLeft(name);
    return heldIf(isRefusal(answer, { status: 400, ...refusal }), inShort(answer));
  },
});

const BAD_REQUEST = 'Request_BadRequest';

/** A fresh user object: its lag, and what Graph refuses. */
export const userChecks: readonly CanaryCheck[] = [
  {
    id: 'create.answer',
    assumes: 'POST /users answers the default properties: accountEnabled is none of them.',
    evidence: 'documented',
    scenarios: ['S014'],
    run: async ({ account }) => {
      const names = Object.keys(account.created).filter((name) => !name.startsWith('@'));
      return Promise.resolve(heldIf(!names.includes('accountEnabled'), names.sort().join(', ')));
    },
  },
  {
    id: 'create.seen',
    assumes: 'A new user may be 404 for a while, and is there within two minutes.',
    evidence: 'documented',
    scenarios: ['S015'],
    run: async (scene) => {
      const request = { method: 'GET', path: `/users/${scene.account.id}?$select=id` } as const;
      const { answer, tries, waitedMs } = await scene.until(request, ({ status }) => status === 200, {
        everyMs: 500,
      });
      return heldIf(
        answer.status === 200,
        `${inShort(answer)} at try ${tries}, after ${waitedMs} ms of waiting`,
      );
    },
  },
  {
    id: 'create.flapping',
    assumes: 'Once seen it may be missing again: replicas differ.',
    evidence: 'read in a client',
    scenarios: ['S016'],
    run: async (scene) => {
      const seen: number[] = [];
      for (let time = 0; time < 10; time += 1) {
        seen.push((await scene.read(`/users/${scene.account.id}?$select=id`)).status);
      }
      return held(`${seen.filter((status) => status === 404).length} of ${seen.length} reads were 404`);
    },
  },
  {
    id: 'create.changed',
    assumes: 'A change to a new user may be 404 for a while, and is taken within two minutes.',
    evidence: 'read in a client',
    scenarios: ['S017'],
    run: async (scene) => {
      const request = {
        method: 'PATCH',
        path: `/users/${scene.account.id}`,
        body: { jobTitle: 'canary' },
      } as const;
      const { answer, tries } = await scene.until(request, ({ status }) => status !== 404);
      return heldIf(answer.status === 204, `${inShort(answer)} at try ${tries}`);
    },
  },
  {
    id: 'create.index',
    assumes: 'A filter by name finds the new user within two minutes, maybe later than a GET.',
    evidence: 'documented',
    scenarios: ['S031'],
    run: async (scene) => {
      const filter = encodeURIComponent(`userPrincipalName eq '${scene.account.name}'`);
      const request = { method: 'GET', path: `/users?$select=id&$filter=${filter}` } as const;
      const { answer, waitedMs } = await scene.until(request, (found) => elementsOf(found).length === 1);
      return heldIf(elementsOf(answer).length === 1, `after ${waitedMs} ms of waiting`);
    },
  },
  refusedCreate(
    {
      id: 'create.same-name',
      assumes: 'A taken name is an ObjectConflict.',
      evidence: 'seen by others',
      scenarios: ['S018', 'S020'],
    },
    ({ account }) => ({ userPrincipalName: account.name }),
    {
      code: BAD_REQUEST,
      words: /Another object with the same value for property userPrincipalName already exists/,
    },
  ),
  refusedCreate(
    {
      id: 'create.no-nickname',
      assumes: 'mailNickname is asked for by name.',
      evidence: 'documented',
      scenarios: ['S024'],
    },
    () => ({ mailNickname: undefined }),
    { code: BAD_REQUEST, words: /A value is required for property 'mailNickname' of resource 'User'/ },
  ),
  refusedCreate(
    {
      id: 'create.bad-nickname',
      assumes: 'A bad mailNickname is an invalid value.',
      evidence: 'seen by others',
      scenarios: ['S025'],
    },
    () => ({ mailNickname: 'a b,' }),
    { code: BAD_REQUEST, words: /Invalid value specified for property 'mailNickname' of resource 'User'/ },
  ),
  refusedCreate(
    {
      id: 'create.unknown-property',
      assumes: 'A property that users do not have is refused by name.',
      evidence: 'our choice',
      scenarios: ['S028'],
    },
    () => ({ curfewHasNoSuchThing: true }),
    { code: BAD_REQUEST, words: /Invalid property 'curfewHasNoSuchThing'/ },
  ),
  refusedCreate(
    {
      id: 'create.weak-password',
      assumes: 'A weak password is refused for its complexity.',
      evidence: 'seen by others',
      scenarios: ['S023'],
    },
    () => ({ passwordProfile: { password: 'password' } }),
    { code: BAD_REQUEST, words: /password complexity requirements/ },
  ),
  refusedCreate(
    {
      id: 'create.long-employee-id',
      assumes: 'An employeeId of 17 characters is refused.',
      evidence: 'documented',
      scenarios: ['S029'],
    },
    () => ({ employeeId: '12345678901234567' }),
    { code: BAD_REQUEST, words: /./ },
  ),
  refusedCreate(
    {
      id: 'create.no-domain',
      assumes: 'A name without a domain is refused for its domain.',
      evidence: 'seen by others',
      scenarios: ['S114'],
    },
    () => ({ userPrincipalName: 'curfew-live-check' }),
    { code: BAD_REQUEST, words: /domain portion of the userPrincipalName property is invalid/ },
  ),
  refusedCreate(
    {
      id: 'create.foreign-domain',
      assumes: 'A domain that the tenant has not verified is refused for it.',
      evidence: 'seen by others',
      scenarios: ['S021'],
    },
    () => ({ userPrincipalName: 'curfew-live-check@not-verified.example' }),
    { code: BAD_REQUEST, words: /domain portion of the userPrincipalName property is invalid/ },
  ),
  {
    id: 'password.set',
    assumes: 'A plain user gets a new password on the permission alone.',
    evidence: 'our choice',
    scenarios: ['S041'],
    run: async (scene) => {
      const body = { passwordProfile: { password: newPassword(), forceChangePasswordNextSignIn: false } };
      const answer = await scene.past404({ method: 'PATCH', path: `/users/${scene.account.id}`, body });
      return heldIf(answer.status === 204, inShort(answer));
    },
  },
  {
    id: 'sessions.revoke',
    assumes: 'Sessions are revoked with 200 and true, even when there are none.',
    evidence: 'documented',
    scenarios: ['S044'],
    run: async (scene) => {
      const answer = await scene.past404({
        method: 'POST',
        path: `/users/${scene.account.id}/revokeSignInSessions`,
      });
      if (answer.status === 403) return notChecked(inShort(answer));
      return heldIf(answer.status === 200 && fieldsOf(answer.body)['value'] === true, inShort(answer));
    },
  },
];
