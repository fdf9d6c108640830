import { accessErrors, type AccessStores } from '#core/access';
import {
  DirectoryError,
  type CatalogueList,
  type CatalogueRole,
  type Directory,
  type Reading,
  type SurveyWish,
  type TenantCatalogue,
  type TenantInspection,
  type TenantSurvey,
  type TenantSurveyor,
} from '#core/accounts';
import type { AuditActor, AuditStores } from '#core/audit';
import type { ProvingStores } from '#core/proving';
import {
  idOf,
  SECOND,
  type Clock,
  type CustomerId,
  type Ids,
  type OrganizationId,
  type SecretBox,
  type UnitOfWork,
} from '#core/shared';
import {
  openApp,
  type EntraApp,
  type EntraConnection,
  type TenancyStores,
  type TenantCapabilities,
  type Validation,
} from '#core/tenancy';
import { judge } from './judge.js';
import { verdictOf } from './line.js';
import { policiesReaching } from './policies-reaching.js';
import { groupsGiven, unitsGiven, type TenantFacts } from './tenant-facts.js';

type Stores = AccessStores & AuditStores & ProvingStores & TenancyStores;

export interface ValidateCommand {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly actor: AuditActor;
}

export interface ValidatePorts {
  readonly unitOfWork: UnitOfWork<Stores>;
  readonly directory: Directory;
  readonly catalogue: TenantCatalogue;
  readonly surveyor: TenantSurveyor;
  readonly clock: Clock;
  readonly box: SecretBox;
  readonly ids: Ids;
}

/** Of one question; they are asked side by side. */
const QUESTION_MS = 20 * SECOND;

/**
 * The pre-flight: asks a connected tenant all that access there depends on, side by side, and tells a line for each. Writes
 * nothing there. What it learns of the tenant (that Curfew may disable admins now, that passes were switched on) counts
 * from then on.
 */
export class ValidateCustomer {
  constructor(private readonly ports: ValidatePorts) {}

  /** Throws `customer.not_found`, `customer.not_connected`, `secret.unreadable`. */
  async execute(command: ValidateCommand): Promise<Validation> {
    const { unitOfWork, clock } = this.ports;
    const { organizationId, customerId } = command;
    const { connection, ...stored } = await unitOfWork.inOrganization(organizationId, (stores) =>
      read(stores, customerId),
    );
    const facts = await this.ask(connection, stored);
    const lines = judge(facts);
    const validation: Validation = {
      organizationId,
      customerId,
      connectionVersion: connection.version,
      at: clock.now(),
      verdict: verdictOf(lines),
      lines,
    };
    await unitOfWork.inOrganization(organizationId, (stores) =>
      save(stores, { validation, actor: command.actor, learned: capabilitiesIn(facts) }),
    );
    return validation;
  }

  private async ask(
    connection: EntraConnection,
    { policies, proofs }: Pick<TenantFacts, 'policies' | 'proofs'>,
  ): Promise<TenantFacts> {
    const { directory, catalogue, box, clock, ids } = this.ports;
    // Under an id that is used nowhere else: a token from before must not vouch for what was withdrawn, or miss what was granted.
    const app: EntraApp = { ...openApp(connection, box), connectionId: idOf(ids.uuid()) };
    const wish = { groups: [...groupsGiven(policies).keys()], units: [...unitsGiven(policies).keys()] };
    const [inspection, survey, roles] = await Promise.all([
      readingOf<TenantInspection>(directory.inspect(app, QUESTION_MS)),
      readingOf(this.survey(app, wish)),
      readingOf<CatalogueList<CatalogueRole>>(catalogue.listRoles(app, QUESTION_MS)),
    ]);
    const facts = { now: clock.now(), connection, policies, proofs, inspection, roles };
    if (!survey.known) return { ...facts, survey, aheadMs: null };
    return { ...facts, survey: { known: true, value: survey.value.told }, aheadMs: survey.value.aheadMs };
  }

  /** With what Graph's clock says against that of the database, by which access is given and ends. */
  private async survey(
    app: EntraApp,
    wish: SurveyWish,
  ): Promise<{ readonly told: TenantSurvey; readonly aheadMs: number | null }> {
    const told = await this.ports.surveyor.survey(app, wish, QUESTION_MS);
    const { graphAt } = told;
    // Graph tells whole seconds, cut off: half of one is their middle.
    const half = SECOND / 2;
    const aheadMs = graphAt === null ? null : graphAt.at + half + graphAt.agoMs - this.ports.clock.now();
    return { told, aheadMs };
  }
}

const readingOf = async <T>(asked: Promise<T>): Promise<Reading<T>> => {
  try {
    return { known: true, value: await asked };
  } catch (error) {
    if (error instanceof DirectoryError) return { known: false, why: error };
    throw error;
  }
};

const read = async (
  { customers, connections, policies, takeBack }: Stores,
  customerId: CustomerId,
): Promise<Pick<TenantFacts, 'policies' | 'proofs'> & { readonly connection: EntraConnection }> => {
  const customer = await customers.get(customerId);
  if (customer === null) throw accessErrors.refuse('customer.not_found');
  const connection = await connections.ofCustomer(customerId);
  if (connection === null) throw accessErrors.refuse('customer.not_connected');
  const proofs = await takeBack.ofCustomer(customerId);
  return { connection, policies: await policiesReaching({ policies }, customerId), proofs };
};

interface Found {
  readonly validation: Validation;
  readonly actor: AuditActor;
  readonly learned: TenantCapabilities | null;
}

const save = async (
  { audit, connections, validations }: Stores,
  { validation, actor, learned }: Found,
): Promise<void> => {
  const { organizationId, customerId, at, connectionVersion, verdict, lines } = validation;
  if (learned !== null) await connections.learn(customerId, learned, connectionVersion);
  await validations.save(validation);
  const idsOf = (wanted: typeof verdict): readonly string[] =>
    lines.filter((line) => line.verdict === wanted).map(({ id }) => id);
  await audit.append([
    {
      organizationId,
      at,
      actor,
      action: 'customer.validated',
      subject: { kind: 'customer', id: customerId },
      customerId,
      details: { verdict, failed: idsOf('fail'), warned: idsOf('warn'), connectionVersion },
    },
  ]);
};

/** What the tenant allows by now. What could not be read for sure stays as it was known: a refusal is no answer. */
const capabilitiesIn = ({ connection, inspection, survey }: TenantFacts): TenantCapabilities | null => {
  if (!inspection.known || !survey.known) return null;
  const { capabilities: known } = connection;
  const { capabilities: told } = inspection.value;
  const { licence, ownRoles, passPolicy } = survey.value;
  const hasNoPim = licence.known && licence.value !== 'P2';
  return {
    mayTouchRoleHolders: ownRoles.known ? told.mayTouchRoleHolders : known.mayTouchRoleHolders,
    pass: passPolicy.known ? told.pass : known.pass,
    timedRoles: told.timedRoles || (known.timedRoles && !hasNoPim),
  };
};
