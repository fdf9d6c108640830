import fc from 'fast-check';
import { routes } from '#contracts';
import { InvalidRequest } from '../http/invalid-request.js';
import { cursorOf, placeIn } from './catalogue-cursor.js';

const { query } = routes.listDirectoryGroups.request;
const encoded = (text: string): string => Buffer.from(text).toString('base64url');

describe('A cursor of a catalogue', () => {
  it('is a place that the route takes back as it was, whatever the name', () => {
    const place = fc.record({
      // As long as a place is, with halves of characters too.
      name: fc.string({
        unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
        maxLength: 100,
      }),
      id: fc.oneof(fc.uuid(), fc.domain()),
    });
    fc.assert(
      fc.property(place, (wished) => {
        const { cursor } = query.parse({ cursor: cursorOf(wished) });
        expect(placeIn(cursor)).toEqual(wished);
      }),
    );
  });

  it('is none where none was sent', () => {
    expect(placeIn(undefined)).toBeNull();
  });

  it.each([
    'AAAA',
    '',
    encoded('[]'),
    encoded('["a"]'),
    encoded('["a","b","c"]'),
    encoded('[1,2]'),
    encoded('{}'),
  ])('is not what we never made: %j', (cursor) => {
    expect(() => placeIn(cursor)).toThrow(InvalidRequest);
  });
});
