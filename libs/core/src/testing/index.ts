export {
  directoryContract,
  verdictOf,
  type DirectoryWorld,
  type TenantWish,
  type TrueAccount,
} from './directory.contract.js';
export { FakeClock } from './fake-clock.js';
export {
  FAKE_CLIENT_ID,
  FAKE_CREDENTIAL,
  FakeDirectory,
  FakeTenant,
  type FakeUserView,
} from './fake-directory.js';
export { FakeIds } from './fake-ids.js';
export { FakeJobQueue, type RungBell } from './fake-job-queue.js';
export { FakeSecretBox } from './fake-secret-box.js';
export { describeSecretBox } from './secret-box.contract.js';
