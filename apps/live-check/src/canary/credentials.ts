import { elementsOf, fieldsOf, heldIf, inShort, isRefusal, notChecked, type Check } from '../check.js';
import type { CanaryScene } from './account.js';

const passesOf = ({ account }: CanaryScene): string =>
  `/users/${account.id}/authentication/temporaryAccessPassMethods`;
const PASSWORD_METHOD = '28c10230-6103-485e-b985-444c60001490';

/** Passes, and what applications may not do. What a pass says is never looked at. */
export const credentialChecks: readonly Check<CanaryScene>[] = [
  {
    id: 'pass.first',
    assumes: 'A new user may be 404 for passes for a while; then one is made, and its text is told once.',
    evidence: 'read in a client',
    scenarios: ['S079', 'S084'],
    run: async (scene) => {
      const request = { method: 'POST', path: passesOf(scene), body: {} } as const;
      const { answer, tries } = await scene.until(request, ({ status }) => status !== 404, {
        everyMs: 2_000,
      });
      if (answer.status === 403) return notChecked(inShort(answer));
      const { temporaryAccessPass, isUsable, methodUsabilityReason } = fieldsOf(answer.body);
      return heldIf(
        answer.status === 201 && typeof temporaryAccessPass === 'string',
        `${inShort(answer)} at try ${tries}, isUsable ${String(isUsable)}, ${String(methodUsabilityReason)}`,
      );
    },
  },
  {
    id: 'pass.read',
    assumes: 'A pass that is read says nothing of its text.',
    evidence: 'documented',
    scenarios: ['S079'],
    run: async (scene) => {
      const request = { method: 'GET', path: passesOf(scene) } as const;
      const { answer } = await scene.until(request, (found) => elementsOf(found).length > 0, {
        atMostMs: 60_000,
      });
      const [pass] = elementsOf(answer);
      return pass === undefined
        ? notChecked(`No pass is shown (${inShort(answer)}).`)
        : heldIf((pass['temporaryAccessPass'] ?? null) === null, `${elementsOf(answer).length} shown`);
    },
  },
  {
    id: 'pass.second',
    assumes: 'A second pass takes the place of the first.',
    evidence: 'our choice',
    scenarios: ['S085'],
    run: async (scene) => {
      const answer = await scene.past404({ method: 'POST', path: passesOf(scene), body: {} });
      if (answer.status === 403 || answer.status === 404) return notChecked(inShort(answer));
      const list = await scene.read(passesOf(scene));
      return heldIf(answer.status === 201, `${inShort(answer)}; ${elementsOf(list).length} shown afterwards`);
    },
  },
  {
    id: 'pass.lifetime',
    assumes: 'A lifetime outside the policy is 400 badRequest, in camel case.',
    evidence: 'seen by others',
    scenarios: ['S081'],
    run: async (scene) => {
      const answer = await scene.past404({
        method: 'POST',
        path: passesOf(scene),
        body: { lifetimeInMinutes: 43_200 },
      });
      if (answer.status === 403 || answer.status === 404) return notChecked(inShort(answer));
      const refusal = { status: 400, code: 'badRequest', words: /LifetimeInMinutes/i };
      return answer.status === 201
        ? notChecked('The policy allows thirty days.')
        : heldIf(isRefusal(answer, refusal), inShort(answer));
    },
  },
  {
    id: 'password.reset-action',
    assumes: 'resetPassword is not for applications: 403 accessDenied.',
    evidence: 'our choice',
    scenarios: ['S043'],
    run: async (scene) => {
      const path = `/users/${scene.account.id}/authentication/methods/${PASSWORD_METHOD}/resetPassword`;
      const answer = await scene.ask({ method: 'POST', path, body: {} });
      return heldIf(isRefusal(answer, { status: 403, code: 'accessDenied', words: /./ }), inShort(answer));
    },
  },
];
