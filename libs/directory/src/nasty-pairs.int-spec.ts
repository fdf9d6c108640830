import { contractUnder, HEALING_IN_ENTRA, HEALING_ON_THE_WAY } from './testing/nasty-contract.js';

const HEALING = [...HEALING_IN_ENTRA, ...HEALING_ON_THE_WAY];
const DRAWS = ['pairs 1', 'pairs 2', 'pairs 3'];

/** Two faults, drawn by draw and test: each test meets other pairs, the same ones in every run. */
const pairFor = (draw: string, testName: string): readonly string[] => {
  const sum = [...testName].reduce((all, letter) => (all * 31 + letter.charCodeAt(0)) % 65_521, draw.length);
  const first = sum % HEALING.length;
  const distance = 1 + (Math.floor(sum / HEALING.length) % (HEALING.length - 1));
  return [first, (first + distance) % HEALING.length].map((at) => HEALING[at] ?? '');
};

describe('EntraDirectory keeps its whole contract', () => contractUnder(DRAWS, pairFor));
