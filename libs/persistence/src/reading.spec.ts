import {
  dictionaryOf,
  flag,
  listOf,
  oneOf,
  orNull,
  shape,
  text,
  UnreadableRowError,
  whole,
  type Reader,
} from './reading.js';

const person = shape<{ name: string; age: number | null; tags: readonly string[] }>({
  name: text,
  age: orNull(whole),
  tags: listOf(text),
});

describe('reading a stored value', () => {
  it('takes what is as it should be, without fields that it does not know', () => {
    const stored = { name: 'Ada', age: null, tags: ['a'], later: true };

    expect(person(stored, 'row')).toEqual({ name: 'Ada', age: null, tags: ['a'] });
  });

  it.each<[string, unknown]>([
    ['row', 'Ada'],
    ['row', null],
    ['row', ['Ada']],
    ['row.name', { age: 1, tags: [] }],
    ['row.age', { name: 'Ada', age: 1.5, tags: [] }],
    ['row.age', { name: 'Ada', tags: [] }],
    ['row.tags', { name: 'Ada', age: 1, tags: { 0: 'a' } }],
    ['row.tags[1]', { name: 'Ada', age: 1, tags: ['a', 7] }],
  ])('names the place %s of what is not', (place, stored) => {
    expect(() => person(stored, 'row')).toThrow(UnreadableRowError);
    expect(() => person(stored, 'row')).toThrow(`in ${place}:`);
  });

  it.each<[Reader<unknown>, unknown]>([
    [flag, 'true'],
    [flag, 1],
    [whole, '1'],
    [whole, Number.MAX_SAFE_INTEGER + 1],
    [oneOf('a', 'b'), 'c'],
    [oneOf('a', 'b'), null],
    [dictionaryOf(flag), { x: 'no' }],
  ])('refuses what only looks like it', (read, stored) => {
    expect(() => read(stored, 'place')).toThrow(UnreadableRowError);
  });

  it('never repeats the value, which may be a secret', () => {
    expect(() => oneOf('a')('hunter2', 'place')).not.toThrow('hunter2');
  });
});
