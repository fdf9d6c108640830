import {
  DirectoryError,
  type CatalogueGroup,
  type CatalogueUnit,
  type EntraLicence,
  type PassPolicy,
  type Reading,
  type StoppingPolicy,
  type SurveyWish,
  type TenantSurvey,
} from '#core/accounts';
import { idOf, type GroupId, type RoleId, type UnitId } from '#core/shared';
import { allPages } from '../all-pages.js';
import { MalformedAnswer } from '../answer-fields.js';
import { sendBatch, type BatchPart } from '../batch-call.js';
import { GROUP_FIELDS, groupOf, UNIT_FIELDS, unitOf } from '../catalogue/questions.js';
import { unreadable } from '../catalogue/read-failure.js';
import type { ReadStage } from '../catalogue/read-list.js';
import { answeredAt, fieldsOf, isGraphsError, textOf, type GraphAnswer } from '../graph-answer.js';
import { excessPermissions } from '../permissions.js';
import type { AppToken } from '../token-request.js';
import { urlPart } from '../url-part.js';
import { stoppingPolicyIn } from './stopping-policies.js';

type Fields = Readonly<Record<string, unknown>>;

/** What a survey works with. */
export interface SurveyStage extends Omit<ReadStage, 'failure'> {
  readonly token: AppToken;
  readonly now: () => number;
  /** Why a question stays open; `openedBy`: the permissions of which any one opens it. */
  readonly failure: (answer: GraphAnswer, openedBy: readonly string[]) => DirectoryError;
}

const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';
/** Service plans. Source: learn.microsoft.com/entra/identity/users/licensing-service-plan-reference. */
const P1 = '41781fb2-bc02-4b7c-bd55-b576c07bb09d';
const P2 = 'eec0eb4f-6444-4f95-aba0-50c24d67f998';
const LARGEST_BATCH = 20;
const MOST_OF_A_KIND = 200;

const READ_ALL = ['Directory.Read.All', 'Directory.ReadWrite.All'];
const READ_ROLES = ['RoleManagement.Read.Directory', 'RoleManagement.ReadWrite.Directory', ...READ_ALL];
const READ_POLICIES = ['Policy.Read.All'];

/** One question, how its answer is read, and what opens it. A list is read to its end. */
interface Question<T> {
  readonly path: string;
  readonly openedBy: readonly string[];
  readonly read: (elements: readonly Fields[]) => T;
  /** It answers one object, read as a list of one. */
  readonly single?: true;
  /** What a "there is no such thing" means; unsaid: that the question stays open. */
  readonly whenMissing?: T;
}

const assignmentsWhere = (filter: string): string =>
  `/roleManagement/directory/roleAssignments?$filter=${urlPart(filter)}`;

const LICENCE: Question<EntraLicence> = {
  path: '/subscribedSkus',
  openedBy: [
    'LicenseAssignment.Read.All',
    'Organization.Read.All',
    'Organization.ReadWrite.All',
    ...READ_ALL,
  ],
  read: (skus) => licenceIn(skus),
};

const PASS_POLICY: Question<PassPolicy | null> = {
  path: '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass',
  openedBy: ['Policy.Read.AuthenticationMethod', 'Policy.ReadWrite.AuthenticationMethod', ...READ_POLICIES],
  single: true,
  read: ([policy = {}]) => passPolicyIn(policy),
  // China's cloud has none.
  whenMissing: null,
};

const GLOBAL_ADMINISTRATORS: Question<number> = {
  path: assignmentsWhere(`roleDefinitionId eq '${GLOBAL_ADMINISTRATOR}'`),
  openedBy: READ_ROLES,
  read: (assignments) => new Set(assignments.map(({ principalId }) => textOf(principalId))).size,
};

const ownRoles = (servicePrincipalId: string): Question<readonly RoleId[]> => ({
  path: assignmentsWhere(`principalId eq '${servicePrincipalId}'`),
  openedBy: READ_ROLES,
  read: (assignments) =>
    assignments
      .filter(({ directoryScopeId }) => directoryScopeId === '/')
      .flatMap(({ roleDefinitionId }) => textOf(roleDefinitionId)?.toLowerCase() ?? [])
      .map((id) => idOf<'entra role'>(id)),
});

const STOPPING: Question<readonly StoppingPolicy[]> = {
  path: '/identity/conditionalAccess/policies',
  openedBy: READ_POLICIES,
  read: (policies) => policies.flatMap((fields) => stoppingPolicyIn(fields) ?? []),
};

const groupWith = (id: GroupId): Question<CatalogueGroup | null> => ({
  path: `/groups/${urlPart(id)}?$select=${GROUP_FIELDS}`,
  openedBy: ['Group.Read.All', 'Group.ReadWrite.All', 'GroupMember.Read.All', ...READ_ALL],
  single: true,
  read: ([group = {}]) => groupOf(group),
  whenMissing: null,
});

const unitWith = (id: UnitId): Question<CatalogueUnit | null> => ({
  path: `/directory/administrativeUnits/${urlPart(id)}?$select=${UNIT_FIELDS}`,
  openedBy: ['AdministrativeUnit.Read.All', 'AdministrativeUnit.ReadWrite.All', ...READ_ALL],
  single: true,
  read: ([unit = {}]) => unitOf(unit),
  whenMissing: null,
});

/** Asks all that a survey tells, as one batch and, for many groups or units, further ones beside it. */
export const surveyTenant = async (stage: SurveyStage, wish: SurveyWish): Promise<TenantSurvey> => {
  const groups = [...new Set(wish.groups)].slice(0, MOST_OF_A_KIND);
  const units = [...new Set(wish.units)].slice(0, MOST_OF_A_KIND);
  const questions = new Map<string, Question<unknown>>([
    ['licence', LICENCE],
    ['passPolicy', PASS_POLICY],
    ['globalAdministrators', GLOBAL_ADMINISTRATORS],
    ['ownRoles', ownRoles(stage.token.servicePrincipalId ?? '')],
    ['stopping', STOPPING],
    ...groups.map((id) => [`group ${id}`, groupWith(id)] as const),
    ...units.map((id) => [`unit ${id}`, unitWith(id)] as const),
  ]);
  const { answers, answered } = await askAll(stage, [...questions]);
  const readings = new Map<string, Reading<unknown>>(
    await Promise.all(
      [...questions].map(
        async ([name, question]) =>
          [name, await readingOf(stage, question, answers.get(name) ?? UNASKED)] as const,
      ),
    ),
  );
  const told = <T>(name: string): Reading<T> => readings.get(name) as Reading<T>;
  return {
    graphAt: answered === null ? null : { at: answered.at, agoMs: stage.now() - answered.readAt },
    excessPermissions: excessPermissions(stage.token.roles),
    licence: told('licence'),
    passPolicy: told('passPolicy'),
    globalAdministrators: told('globalAdministrators'),
    ownRoles: told('ownRoles'),
    stoppingPolicies: told('stopping'),
    groups: new Map(groups.map((id) => [id, told(`group ${id}`)])),
    units: new Map(units.map((id) => [id, told(`unit ${id}`)])),
  };
};

const UNASKED: GraphAnswer = { status: 0, headers: {}, body: null, noAnswer: 'It was not asked.' };

interface Answers {
  readonly answers: ReadonlyMap<string, GraphAnswer>;
  /** Graph's time of the first answer, and ours when it came. */
  readonly answered: { readonly at: number; readonly readAt: number } | null;
}

/** Throws when not one of them was answered: then nothing is known of the tenant, rather than much unknown. */
const askAll = async (
  stage: SurveyStage,
  questions: readonly (readonly [string, Question<unknown>])[],
): Promise<Answers> => {
  const batches = chunksOf(questions, LARGEST_BATCH).map((chunk) => {
    const parts = chunk.map(([id, { path }]): BatchPart => ({
      id,
      request: { method: 'GET', path },
      dependsOn: null,
    }));
    return sendBatch(stage, parts).then(({ parts: answered, opened }) => ({
      answered,
      opened,
      at: stage.now(),
    }));
  });
  const all = await Promise.all(batches);
  const first = all[0]?.answered.values().next().value ?? UNASKED;
  if (all.every(({ opened }) => !opened)) throw stage.failure(first, []);
  const at = answeredAt(first.headers);
  return {
    answers: new Map(all.flatMap(({ answered }) => [...answered])),
    answered: at === null ? null : { at, readAt: all[0]?.at ?? stage.now() },
  };
};

const chunksOf = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));

const readingOf = async <T>(
  stage: SurveyStage,
  question: Question<T>,
  answer: GraphAnswer,
): Promise<Reading<T>> => {
  const { openedBy, read, single, whenMissing } = question;
  const isMissing = answer.status === 404 && isGraphsError(answer);
  if (whenMissing !== undefined && isMissing) return { known: true, value: whenMissing };
  const failure = (refused: GraphAnswer): DirectoryError => stage.failure(refused, openedBy);
  if (answer.status !== 200) return { known: false, why: failure(answer) };
  try {
    const { body } = answer;
    return { known: true, value: read(single ? [fieldsOf(body)] : await allPages(stage, body, failure)) };
  } catch (error) {
    if (error instanceof DirectoryError) return { known: false, why: error };
    if (error instanceof MalformedAnswer) return { known: false, why: unreadable(error.message) };
    throw error;
  }
};

const licenceIn = (skus: readonly Fields[]): EntraLicence => {
  const plans = new Set(
    skus
      // `Warning`: it has run out and still works.
      .filter(({ capabilityStatus }) => ['enabled', 'warning'].includes(wordIn(capabilityStatus)))
      .flatMap(({ servicePlans }): readonly unknown[] => (Array.isArray(servicePlans) ? servicePlans : []))
      .map(fieldsOf)
      .filter(({ provisioningStatus }) => wordIn(provisioningStatus) !== 'disabled')
      .map(({ servicePlanId }) => wordIn(servicePlanId)),
  );
  if (plans.has(P2)) return 'P2';
  return plans.has(P1) ? 'P1' : 'none';
};

const wordIn = (value: unknown): string => textOf(value)?.toLowerCase() ?? '';

const passPolicyIn = (fields: Fields): PassPolicy => {
  const { minimumLifetimeInMinutes: least, maximumLifetimeInMinutes: most } = fields;
  if (typeof least !== 'number' || typeof most !== 'number')
    throw new MalformedAnswer('The policy for passes tells no lifetimes.');
  const included = groupsNamed(fields['includeTargets']);
  return {
    enabled: wordIn(fields['state']) === 'enabled',
    minimumMinutes: least,
    maximumMinutes: most,
    onceOnly: fields['isUsableOnce'] === true,
    // Left out it is for everybody, as Microsoft's default has it.
    forEverybody: included.length === 0 || included.includes(idOf<'entra group'>('all_users')),
    forGroups: included,
    notForGroups: groupsNamed(fields['excludeTargets']),
  };
};

const groupsNamed = (targets: unknown): readonly GroupId[] =>
  (Array.isArray(targets) ? targets : [])
    .map(fieldsOf)
    .flatMap(({ id }) => (wordIn(id) === '' ? [] : [idOf<'entra group'>(wordIn(id))]));
