import { durationMs } from './duration.js';

describe('A duration', () => {
  it('is days and time', () => {
    expect(['PT8H', 'P1DT30M', 'PT0.5S', 'P180D'].map(durationMs)).toEqual([
      28_800_000, 88_200_000, 500, 15_552_000_000,
    ]);
  });

  it('knows no years, months or weeks, and is never empty', () => {
    expect(['P1Y', 'P1M', 'P2W', 'P', 'PT', 'P1DT', '8 hours'].map(durationMs)).toEqual(
      Array.from({ length: 7 }, () => undefined),
    );
  });
});
