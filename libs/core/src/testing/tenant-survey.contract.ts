import { DirectoryError, type TenantSurvey, type TenantSurveyor } from '#core/accounts';
import { idOf, Secret, type GroupId, type UnitId } from '#core/shared';
import type { EntraApp } from '#core/tenancy';

/**
 * A tenant with Entra ID P2, passes for everybody from 10 to 480 minutes, one Global Administrator, the role Privileged
 * Authentication Administrator for our app, the group Helpers, the dynamic group Everybody and the administrative unit North.
 */
export interface SurveyWorld {
  readonly surveyor: TenantSurveyor;
  readonly app: EntraApp;
  readonly helpers: GroupId;
  readonly everybody: GroupId;
  readonly north: UnitId;
  close(): Promise<void>;
}

const BUDGET_MS = 10_000;
const NOWHERE = idOf<'entra unit'>('00000000-dead-4000-8000-000000000001');
const NOBODY = idOf<'entra group'>('00000000-dead-4000-8000-000000000000');

/** What both the fake and the adapter of `TenantSurveyor` keep. */
export const tenantSurveyContract = (
  name: string,
  makeWorld: (wish: { readonly closed: boolean }) => Promise<SurveyWorld>,
): void => {
  describe(`${name} keeps the contract of TenantSurveyor`, () => {
    let world: SurveyWorld;
    afterEach(() => world.close());
    const survey = (groups: readonly GroupId[] = [], units: readonly UnitId[] = []): Promise<TenantSurvey> =>
      world.surveyor.survey(world.app, { groups, units }, BUDGET_MS);

    it('tells what the tenant has and allows', async () => {
      world = await makeWorld({ closed: false });
      const told = await survey();

      expect(told).toMatchObject({
        licence: { known: true, value: 'P2' },
        passPolicy: {
          known: true,
          value: { enabled: true, minimumMinutes: 10, maximumMinutes: 480, forEverybody: true },
        },
        globalAdministrators: { known: true, value: 1 },
        ownRoles: { known: true, value: ['7be44c8a-adaf-4e2a-84d6-ab2649e08a13'] },
        stoppingPolicies: { known: true, value: [] },
        excessPermissions: [],
      });
    });

    it('tells the wished groups apart, and those that are not there', async () => {
      world = await makeWorld({ closed: false });
      const { groups } = await survey([world.helpers, world.everybody, NOBODY]);

      expect(groups.get(world.helpers)).toMatchObject({ known: true, value: { manageable: true } });
      expect(groups.get(world.everybody)).toMatchObject({ known: true, value: { dynamic: true } });
      expect(groups.get(NOBODY)).toEqual({ known: true, value: null });
    });

    it('tells the wished administrative units, and those that are not there', async () => {
      world = await makeWorld({ closed: false });
      const { units } = await survey([], [world.north, NOWHERE]);

      expect(units.get(world.north)).toMatchObject({ known: true, value: { displayName: 'North' } });
      expect(units.get(NOWHERE)).toEqual({ known: true, value: null });
    });

    it('leaves a question open that is closed to us, and says why', async () => {
      world = await makeWorld({ closed: true });
      const { licence, groups, units } = await survey([world.helpers], [world.north]);

      for (const reading of [licence, groups.get(world.helpers), units.get(world.north)]) {
        expect(reading).toMatchObject({ known: false, why: { reason: 'consent_missing' } });
      }
    });

    it('throws for a credential that is not accepted, and without time', async () => {
      world = await makeWorld({ closed: false });
      const wrong = { ...world.app, credential: { kind: 'secret' as const, value: new Secret('another') } };
      const reasonOf = (app: EntraApp, timeoutMs: number): Promise<unknown> =>
        world.surveyor
          .survey(app, { groups: [], units: [] }, timeoutMs)
          .catch((error: unknown) => (error instanceof DirectoryError ? error.reason : error));

      expect(await reasonOf(wrong, BUDGET_MS)).toBe('credential_bad');
      expect(await reasonOf(world.app, 0)).toBe('unanswered');
    });
  });
};
