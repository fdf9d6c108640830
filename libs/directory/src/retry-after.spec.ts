import { retryAfterSeconds } from './retry-after.js';

const NOON = Date.UTC(2026, 0, 5, 12);

describe('retryAfterSeconds', () => {
  it.each([
    ['7', 7],
    ['2.128', 2.128],
    ['0', 0],
    ['-3', 0],
    ['Mon, 05 Jan 2026 12:01:30 GMT', 90],
    ['Mon, 05 Jan 2026 11:00:00 GMT', 0],
    ['soon', null],
    ['', null],
    [undefined, null],
  ])('reads %j as %j', (header, seconds) => {
    expect(retryAfterSeconds(header, NOON)).toBe(seconds);
  });
});
