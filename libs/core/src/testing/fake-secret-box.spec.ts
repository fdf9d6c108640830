import { Secret } from '../shared/index.js';
import { FakeSecretBox } from './fake-secret-box.js';
import { describeSecretBox } from './secret-box.contract.js';

describeSecretBox('FakeSecretBox', () => new FakeSecretBox());

describe('FakeSecretBox', () => {
  it('shows in its sealed form what was sealed where', () => {
    const place = { organizationId: 'msp', table: 'grant', column: 'pass', rowId: '7', version: 3 };

    expect(new FakeSecretBox().seal(new Secret('hello'), place)).toMatch(
      /^sealed:msp\/grant\/pass\/7\/3:aGVsbG8=:/,
    );
  });
});
