import type { DirectoryError, TenantInspection } from '#core/accounts';
import type { EntraApp, TenantCapabilities } from '#core/tenancy';
import { allPages } from './all-pages.js';
import { credentialEnd } from './credential-end.js';
import { sendBatch, type BatchPart } from './batch-call.js';
import { fieldsOf, isPage, textOf, type GraphAnswer } from './graph-answer.js';
import type { GraphClient } from './graph-client.js';
import { mayTimeRoles, missingPermissions, recommendedPermissions } from './permissions.js';
import type { AppToken } from './token-request.js';

/** Directory roles that may disable and reset those who hold roles. Source: graph/api/resources/users, sensitive actions. */
const MAY_TOUCH_ROLE_HOLDERS = new Set([
  // Privileged Authentication Administrator, Global Administrator
  '7be44c8a-adaf-4e2a-84d6-ab2649e08a13',
  '62e90394-69f5-4237-9190-012177145e10',
]);

type Fields = Readonly<Record<string, unknown>>;
type Question = 'organization' | 'domains' | 'passPolicy' | 'ownRoles' | 'timedRoles';

const pathsFor = (servicePrincipalId: string): Readonly<Record<Question, string>> => ({
  organization: '/organization?$select=id,displayName',
  domains: '/domains?$select=id,isVerified,authenticationType',
  passPolicy: '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass',
  // The token names our service principal, so nobody has to consent to reading service principals.
  ownRoles: `/roleManagement/directory/roleAssignments?$filter=${encodeURIComponent(
    `principalId eq '${servicePrincipalId}'`,
  )}`,
  // Every call of PIM is refused without its licence, the reading ones as well: no list of licences has to be known.
  timedRoles: `/roleManagement/directory/roleAssignmentSchedules?$filter=${encodeURIComponent(
    `principalId eq '${servicePrincipalId}'`,
  )}`,
});

/** What an inspection works with. */
export interface InspectionStage {
  readonly client: Pick<GraphClient, 'send' | 'pathOf'>;
  readonly app: EntraApp;
  readonly signal: AbortSignal;
  readonly token: AppToken;
  /** Turns an answer that leaves the question open into an error. */
  readonly failure: (answer: GraphAnswer, inBatch: boolean) => DirectoryError;
}

/**
 * Reads what onboarding must know, as one batch. What may not be read for lack of consent is left empty and shows in
 * `missingPermissions`; anything else that goes wrong throws, so that no trouble is taken for a fact.
 */
export const inspectTenant = async (stage: InspectionStage): Promise<TenantInspection> => {
  const { token } = stage;
  const answers = await ask(stage, pathsFor(token.servicePrincipalId ?? ''));
  const allIn = (first: unknown): Promise<readonly Fields[]> =>
    allPages(stage, first, (answer) => stage.failure(answer, false));
  const [organization = {}] = await allIn(answers.organization);
  const domains = await allIn(answers.domains);
  const ownRoles = await allIn(answers.ownRoles);
  return {
    tenantId: textOf(organization['id'])?.toLowerCase() ?? stage.app.tenantId,
    displayName: textOf(organization['displayName']) ?? '',
    permissions: [...token.roles].sort(),
    missingPermissions: missingPermissions(token.roles),
    recommendedPermissions: recommendedPermissions(token.roles),
    domains: domains.map(domainOf),
    capabilities: {
      mayTouchRoleHolders: ownRoles.some(isStrongRole),
      pass: answers.passPolicy === null ? null : passOf(fieldsOf(answers.passPolicy)),
      timedRoles: Array.isArray(fieldsOf(answers.timedRoles)['value']) && mayTimeRoles(token.roles),
    },
    credentialEndsAt: credentialEnd(stage.app.credential),
  };
};

const ask = async (
  stage: InspectionStage,
  paths: Readonly<Record<Question, string>>,
): Promise<Readonly<Record<Question, unknown>>> => {
  const questions = Object.entries(paths).map(([id, path]): BatchPart => ({
    id,
    request: { method: 'GET', path },
    dependsOn: null,
  }));
  const { opened, parts } = await sendBatch(stage, questions);
  const bodyOf = (question: Question): unknown => {
    const answer = parts.get(question);
    if (answer?.status === 200) return answer.body;
    if (answer === undefined || !isLeftEmpty(question, answer)) {
      throw stage.failure(answer ?? { status: 0, headers: {}, body: null }, opened);
    }
    return null;
  };
  return {
    organization: bodyOf('organization'),
    domains: bodyOf('domains'),
    passPolicy: bodyOf('passPolicy'),
    ownRoles: bodyOf('ownRoles'),
    timedRoles: bodyOf('timedRoles'),
  };
};

/**
 * 403: not consented to. In China's cloud there are no passes at all, and so no policy for them. Whatever PIM answers but
 * a list: no connection waits for it, since plain roles do as well. A 401 says nothing of PIM: all is asked again.
 */
const isLeftEmpty = (question: Question, answer: GraphAnswer): boolean =>
  (question === 'timedRoles' && answer.status !== 401) || (!isPage(answer) && isUnopened(question, answer));

const isUnopened = (question: Question, answer: GraphAnswer): boolean =>
  answer.status === 403 || (question === 'passPolicy' && (answer.status === 404 || answer.status === 400));

const domainOf = (fields: Fields): TenantInspection['domains'][number] => ({
  name: textOf(fields['id']) ?? '',
  verified: fields['isVerified'] === true,
  managed: fields['authenticationType'] === 'Managed',
});

const isStrongRole = (fields: Fields): boolean =>
  fields['directoryScopeId'] === '/' &&
  MAY_TOUCH_ROLE_HOLDERS.has(textOf(fields['roleDefinitionId'])?.toLowerCase() ?? '');

const passOf = (policy: Fields): TenantCapabilities['pass'] => {
  const { state, minimumLifetimeInMinutes: least, maximumLifetimeInMinutes: most } = policy;
  // Microsoft's enums come in either case.
  if (textOf(state)?.toLowerCase() !== 'enabled' || typeof least !== 'number' || typeof most !== 'number')
    return null;
  return { minimumMinutes: least, maximumMinutes: most, onceOnly: policy['isUsableOnce'] === true };
};
