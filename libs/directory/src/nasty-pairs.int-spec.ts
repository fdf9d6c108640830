import { contractUnder, drawnFor, HEALING } from './testing/nasty-contract.js';

const DRAWS = ['draw 1', 'draw 2', 'draw 3'];

/** Two faults, drawn by draw and test: each test meets other pairs. */
const pairFor = (draw: string, testName: string): readonly string[] => {
  const sum = drawnFor(draw, testName);
  const first = sum % HEALING.length;
  const distance = 1 + (Math.floor(sum / HEALING.length) % (HEALING.length - 1));
  return [first, (first + distance) % HEALING.length].map((at) => HEALING[at] ?? '');
};

describe('EntraDirectory keeps its whole contract under two faults', () => contractUnder(DRAWS, pairFor));
