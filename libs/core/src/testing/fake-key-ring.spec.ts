import { FakeKeyRing } from './fake-key-ring.js';
import { describeRingKeeper } from './ring-keeper.contract.js';
import { describeSecretBox } from './secret-box.contract.js';

describeRingKeeper('FakeKeyRing', () => {
  const ring = new FakeKeyRing();
  return Promise.resolve({ ring, box: ring.box });
});
describeSecretBox('FakeKeyRing', () => new FakeKeyRing().box);
