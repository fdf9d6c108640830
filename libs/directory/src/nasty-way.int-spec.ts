import { contractUnder, HEALING_ON_THE_WAY } from './testing/nasty-contract.js';

describe('EntraDirectory keeps its whole contract', () =>
  contractUnder(HEALING_ON_THE_WAY, (name) => [name]));
