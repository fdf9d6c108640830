import { idOf, type CustomerId } from '#core/shared';
import type { Consent, ConsentProblem, ConsentState, ConsentStore, ProvenTenant } from '#core/tenancy';
import { Prisma } from '../generated/client.js';
import type { CustomerConsentModel } from '../generated/models.js';
import {
  dateOf,
  dateOrNull,
  instantOf,
  instantOrNull,
  listOf,
  oneOf,
  orNull,
  shape,
  text,
} from '../reading.js';
import type { Session } from '../session.js';
import { cloud } from './entra-connection-store.prisma.js';

const consentState = oneOf<ConsentState>('open', 'waiting', 'to_confirm', 'connected', 'failed', 'withdrawn');
const proven = orNull(shape<ProvenTenant>({ displayName: text, domains: listOf(text) }));
const problem = orNull(
  shape<ConsentProblem>({
    code: text,
    says: text,
    mend: text,
    entraCode: orNull(text),
    missingPermissions: listOf(text),
  }),
);

/** What was asked of each customer's admin, and what came of it. */
export class PrismaConsentStore implements ConsentStore {
  constructor(private readonly session: Session) {}

  ofCustomer(customerId: CustomerId): Promise<Consent | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.customerConsent.findUnique({
        where: { organizationId_customerId: { organizationId, customerId } },
      });
      return row === null ? null : fromRow(row);
    });
  }

  byState(digest: string): Promise<Consent | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.customerConsent.findUnique({
        where: { organizationId_stateDigest: { organizationId, stateDigest: digest } },
      });
      return row === null ? null : fromRow(row);
    });
  }

  save(consent: Consent, expectedVersion: number | null): Promise<boolean> {
    const { organizationId } = this.session;
    const { customerId } = consent;
    const data = toRow(consent);
    return this.session.run(async (tx) => {
      const { count } =
        expectedVersion === null
          ? await tx.customerConsent.createMany({ data, skipDuplicates: true })
          : await tx.customerConsent.updateMany({
              where: { organizationId, customerId, version: expectedVersion },
              data,
            });
      return count === 1;
    });
  }
}

const toRow = (consent: Consent) =>
  ({
    ...consent,
    madeAt: dateOf(consent.madeAt),
    expiresAt: dateOf(consent.expiresAt),
    answeredAt: dateOrNull(consent.answeredAt),
    dueAt: dateOrNull(consent.dueAt),
    proven:
      consent.proven === null ? Prisma.DbNull : { ...consent.proven, domains: [...consent.proven.domains] },
    problem:
      consent.problem === null
        ? Prisma.DbNull
        : { ...consent.problem, missingPermissions: [...consent.problem.missingPermissions] },
  }) satisfies Prisma.CustomerConsentCreateManyInput;

const fromRow = (row: CustomerConsentModel): Consent => ({
  id: idOf(row.id),
  organizationId: idOf(row.organizationId),
  customerId: idOf(row.customerId),
  cloud: cloud(row.cloud, 'customer_consent.cloud'),
  clientId: row.clientId,
  expectedTenantId: row.expectedTenantId,
  domain: row.domain,
  stateDigest: row.stateDigest,
  madeAt: instantOf(row.madeAt),
  expiresAt: instantOf(row.expiresAt),
  state: consentState(row.state, 'customer_consent.state'),
  claimedTenantId: row.claimedTenantId,
  answeredAt: instantOrNull(row.answeredAt),
  proven: proven(row.proven, 'customer_consent.proven'),
  problem: problem(row.problem, 'customer_consent.problem'),
  attempts: row.attempts,
  dueAt: instantOrNull(row.dueAt),
  version: row.version,
});
