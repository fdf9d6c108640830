import { differs, fieldsOf, held, heldIf, inShort, refusalCheck, type Check } from '../check.js';

const NEEDED = [
  'User.ReadWrite.All',
  'GroupMember.ReadWrite.All',
  'RoleManagement.ReadWrite.Directory',
  'UserAuthMethod-TAP.ReadWrite.All',
];

/** What a token is and says. */
export const signInChecks: readonly Check[] = [
  {
    id: 'token.roles',
    assumes:
      'The token names the consented application permissions in `roles`, and our service principal in `oid`.',
    evidence: 'documented',
    scenarios: ['S001', 'S008'],
    run: async ({ probe }) => {
      const { roles, servicePrincipalId } = await probe.token();
      if (servicePrincipalId === null) return differs('There is no oid in the token.');
      const missing = NEEDED.filter((name) => !roles.has(name));
      const lacking =
        missing.length === 0 ? '' : ` Of those that the canary needs: ${missing.join(', ')} missing.`;
      return heldIf(roles.size > 0, `${roles.size} permissions: ${[...roles].sort().join(', ')}.${lacking}`);
    },
  },
  {
    id: 'token.lifetime',
    assumes: 'A token is good for about an hour, never for longer than a day.',
    evidence: 'documented',
    scenarios: ['S001'],
    run: async ({ probe }) => {
      const { expiresAt, obtainedAt } = await probe.token();
      const minutes = Math.round((expiresAt - obtainedAt) / 60_000);
      return heldIf(minutes >= 30 && minutes <= 1_440, `${minutes} minutes`);
    },
  },
  refusalCheck(
    {
      id: 'token.absent',
      assumes: 'Without a token Graph answers 401 InvalidAuthenticationToken.',
      evidence: 'seen by others',
      scenarios: ['S009'],
    },
    { method: 'GET', path: '/organization', token: null },
    { status: 401, code: 'InvalidAuthenticationToken', words: /token is empty/i },
  ),
  {
    id: 'answers.headers',
    assumes:
      'Every answer has request-id, our client-request-id and Date; the directory tells its x-ms-resource-unit.',
    evidence: 'documented',
    scenarios: ['S088'],
    run: async (scene) => {
      const own = '3f6f7a3e-6d0b-4d39-8f0a-8d6a8b3f2c11';
      const { headers } = await scene.read('/users?$top=1&$select=id', { 'client-request-id': own });
      const missing = ['request-id', 'date', 'x-ms-resource-unit'].filter((name) => !(name in headers));
      const isEcho = headers['client-request-id'] === own;
      return heldIf(
        missing.length === 0 && isEcho,
        `missing: ${missing.join(', ') || 'none'}; client-request-id ${isEcho ? 'echoed' : 'not echoed'}`,
      );
    },
  },
  {
    id: 'answers.clock',
    assumes: 'The clocks of Graph and of this machine agree within five seconds.',
    evidence: 'our choice',
    scenarios: [],
    run: async (scene) => {
      const { headers } = await scene.read('/organization?$select=id');
      const seconds = Math.round((Date.parse(headers['date'] ?? '') - scene.now()) / 1_000);
      return heldIf(Math.abs(seconds) <= 5, `Graph is ${seconds} s ahead`);
    },
  },
  {
    id: 'answers.priority',
    assumes: 'A request with x-ms-throttle-priority is answered like any other.',
    evidence: 'documented',
    scenarios: [],
    run: async (scene) => {
      const answer = await scene.read('/organization?$select=id', { 'x-ms-throttle-priority': 'High' });
      return heldIf(answer.status === 200, inShort(answer));
    },
  },
  {
    id: 'errors.envelope',
    assumes: 'An error carries code, message and innerError with date, request-id and client-request-id.',
    evidence: 'documented',
    scenarios: [],
    run: async (scene) => {
      const { body } = await scene.read('/users/00000000-0000-4000-8000-00000000dead');
      const inner = fieldsOf(fieldsOf(fieldsOf(body)['error'])['innerError']);
      const names = Object.keys(inner).sort();
      const isWhole = ['client-request-id', 'date', 'request-id'].every((name) => names.includes(name));
      return isWhole ? held(names.join(', ')) : differs(names.join(', '));
    },
  },
];
