export { FakeClock } from './fake-clock.js';
export { FakeIds } from './fake-ids.js';
export { FakeJobQueue, type RungBell } from './fake-job-queue.js';
export { FakeSecretBox } from './fake-secret-box.js';
export { describeSecretBox } from './secret-box.contract.js';
