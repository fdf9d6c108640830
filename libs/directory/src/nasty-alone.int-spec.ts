import { contractUnder, drawnFor, HEALING } from './testing/nasty-contract.js';

const DRAWS = ['draw 1', 'draw 2', 'draw 3', 'draw 4'];

/** One fault, drawn by draw and test. */
const faultFor = (draw: string, testName: string): readonly string[] => [
  HEALING[drawnFor(draw, testName) % HEALING.length] ?? '',
];

describe('EntraDirectory keeps its whole contract under one fault', () => contractUnder(DRAWS, faultFor));
