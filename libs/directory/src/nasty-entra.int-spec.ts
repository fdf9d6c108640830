import { contractUnder, HEALING_IN_ENTRA } from './testing/nasty-contract.js';

describe('EntraDirectory keeps its whole contract', () => contractUnder(HEALING_IN_ENTRA, (name) => [name]));
