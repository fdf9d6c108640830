import {
  DirectoryError,
  type CatalogueGroup,
  type CatalogueUnit,
  type DirectoryErrorReason,
  type Reading,
  type SurveyWish,
  type TenantSurvey,
  type TenantSurveyor,
} from '#core/accounts';
import type { EntraApp } from '#core/tenancy';
import { FAKE_CLIENT_ID, FAKE_CREDENTIAL } from './fake-directory-tenant.js';

/** What a fake tenant says of itself; unless said, one in which all is as it should be. */
export interface FakeSurveySpec extends Partial<Omit<TenantSurvey, 'groups' | 'units'>> {
  readonly tenantId: string;
  readonly groups?: readonly CatalogueGroup[];
  readonly units?: readonly CatalogueUnit[];
  /** Nothing that opens a question was consented to. */
  readonly closed?: boolean;
}

/** In memory what `EntraDirectory` is for surveys. Denies by default: an unknown app is `credential_bad`. */
export class FakeTenantSurveyor implements TenantSurveyor {
  readonly #tenants = new Map<string, FakeSurveySpec>();

  /** Adds the tenant, or changes what is named of it. */
  set(spec: FakeSurveySpec): void {
    this.#tenants.set(spec.tenantId, { ...this.#tenants.get(spec.tenantId), ...spec });
  }

  survey(app: EntraApp, wish: SurveyWish, timeoutMs: number): Promise<TenantSurvey> {
    const spec = this.#tenants.get(app.tenantId);
    const fits = app.clientId === FAKE_CLIENT_ID && app.credential.value.expose() === FAKE_CREDENTIAL;
    if (timeoutMs <= 0) return Promise.reject(refusal('unanswered'));
    if (spec === undefined || !fits) return Promise.reject(refusal('credential_bad'));
    return Promise.resolve(told(spec, wish));
  }
}

const told = (spec: FakeSurveySpec, wish: SurveyWish): TenantSurvey => {
  const { groups = [], units = [], closed = false, ...said } = spec;
  const open = <T>(value: T): Reading<T> =>
    closed ? { known: false, why: refusal('consent_missing') } : { known: true, value };
  const within = <T extends { readonly id: unknown }>(all: readonly T[], id: T['id']): Reading<T | null> =>
    open(all.find((each) => each.id === id) ?? null);
  return {
    graphAt: null,
    excessPermissions: [],
    licence: open('P2'),
    passPolicy: open(FAKE_PASS_POLICY),
    globalAdministrators: open(3),
    ownRoles: open([]),
    stoppingPolicies: open([]),
    ...said,
    groups: new Map(wish.groups.map((id) => [id, within(groups, id)])),
    units: new Map(wish.units.map((id) => [id, within(units, id)])),
  };
};

/** Microsoft's own defaults. */
export const FAKE_PASS_POLICY = {
  enabled: true,
  minimumMinutes: 60,
  maximumMinutes: 480,
  onceOnly: false,
  forEverybody: true,
  forGroups: [],
  notForGroups: [],
} as const;

const refusal = (reason: DirectoryErrorReason): DirectoryError =>
  new DirectoryError(reason, 'Refused by the fake tenant.', {
    retry: 'later',
    workload: reason === 'credential_bad' ? 'sign-in' : 'directory',
    status: null,
    code: null,
    retryAfterSeconds: null,
    requestId: null,
  });
