// A fresh checkout knows no durations, and Jest then goes by the size of a file. Whole stacks take as long as they wait: the
// longest of them begin first, so that none of them runs alone at the end.
const { default: Sequencer } = require('@jest/test-sequencer');

const longest = [
  'model.spec.ts',
  'bells-missing.e2e-spec.ts',
  'revoker-alone.e2e-spec.ts',
  '08-queue-emptied.fault-spec.ts',
  'kill-switch.e2e-spec.ts',
  '20-one-customer-throttled.fault-spec.ts',
  'worker-killed.e2e-spec.ts',
  'start-command.e2e-spec.ts',
  'restored.e2e-spec.ts',
  'grant-journeys.e2e-spec.ts',
];

const rank = ({ path }) => {
  const at = longest.findIndex((name) => path.endsWith(`/${name}`));
  return at < 0 ? longest.length : at;
};

module.exports = class SlowestFirst extends Sequencer {
  async sort(tests) {
    return (await super.sort(tests)).sort((one, other) => rank(one) - rank(other));
  }
};
