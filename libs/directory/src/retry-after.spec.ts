import { retryAfterSeconds } from './retry-after.js';

const NOON = Date.UTC(2026, 0, 5, 12);

describe('retryAfterSeconds', () => {
  it.each([
    ['7', 7],
    ['2.128', 3],
    ['0.01', 1],
    ['0', 0],
    ['-3', 0],
    ['-0.5', 0],
    [' 7 ', 7],
    ['Mon, 05 Jan 2026 12:01:30 GMT', 90],
    ['Mon, 05 Jan 2026 11:00:00 GMT', 0],
    ['600', 600],
    ['601', 600],
    ['86400', 600],
    ['1e12', 600],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 600],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Mon, 99 Foo 2026 99:99:99 GMT', null],
    ['NaN', null],
    ['Infinity', null],
    ['-Infinity', null],
    ['soon', null],
    ['5, 7', null],
    ['7s', null],
    ['', null],
    [undefined, null],
  ])('reads %j as %j', (header, seconds) => {
    expect(retryAfterSeconds(header, NOON)).toBe(seconds);
  });
});
