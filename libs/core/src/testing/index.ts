export {
  directoryContract,
  verdictOf,
  type DirectoryWorld,
  type TenantWish,
  type TrueAccount,
} from './directory.contract.js';
export { describeAlarmSource, type AlarmedDatabase } from './alarm-source.contract.js';
export { describeCertificates, type CertificatesWorld } from './certificates.contract.js';
export { FakeCertificates } from './fake-certificates.js';
export { FakeClock } from './fake-clock.js';
export {
  FAKE_CLIENT_ID,
  FAKE_CREDENTIAL,
  FakeDirectory,
  FakeTenant,
  type FakeUserView,
} from './fake-directory.js';
export { FakeIds } from './fake-ids.js';
export { FakeKeyRing } from './fake-key-ring.js';
export { FakeJobQueue, type RungBell } from './fake-job-queue.js';
export { FakeSecretBox } from './fake-secret-box.js';
export { describeJobQueue, type JobQueueWorld } from './job-queue.contract.js';
export { describeRingKeeper } from './ring-keeper.contract.js';
export { describeSecretBox } from './secret-box.contract.js';
export { InMemoryUnitOfWork, type InMemoryRows } from './in-memory-unit-of-work.js';
export {
  tenantCatalogueContract,
  type CatalogueWish,
  type CatalogueWorld,
} from './tenant-catalogue.contract.js';
export { describeUnitOfWork } from './unit-of-work.contract.js';
export { aWorld, NOON, plant, type EmptyDatabase, type World } from './unit-of-work.samples.js';
export { aPendingCertificate } from './unit-of-work.pending-certificate.contract.js';
export { anOrganizationApp } from './unit-of-work.organization-app.contract.js';
export { aRevokerCredential } from './unit-of-work.tenancy.contract.js';
export { FAKE_PASS_POLICY, FakeTenantSurveyor, type FakeSurveySpec } from './fake-tenant-surveyor.js';
export { tenantSurveyContract, type SurveyWorld } from './tenant-survey.contract.js';
export { fakeCatalogueGroup, FakeTenantCatalogue, type FakeCatalogueSpec } from './fake-tenant-catalogue.js';
