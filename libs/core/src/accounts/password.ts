import { Secret, type Ids } from '#core/shared';

/** No look-alikes (0 O, 1 l I): people read these aloud at 3 a.m. */
const CLASSES = [
  'ABCDEFGHJKLMNPQRSTUVWXYZ',
  'abcdefghijkmnopqrstuvwxyz',
  '23456789',
  '!#$%*+-=?@_~',
] as const;
const ALPHABET = CLASSES.join('');
/** 28 characters of 69: about 170 bits; Entra wants 8 to 256 of three classes. */
const LENGTH = 28;

/** A random password with all four classes, unbiased (bytes beyond the last whole multiple are thrown away). */
export const generatePassword = (ids: Ids): Secret => {
  for (;;) {
    const candidate = randomText(ids);
    if (CLASSES.every((characters) => [...candidate].some((c) => characters.includes(c))))
      return new Secret(candidate);
  }
};

const randomText = (ids: Ids): string => {
  const usable = 256 - (256 % ALPHABET.length);
  let text = '';
  while (text.length < LENGTH) {
    for (const byte of ids.randomBytes(LENGTH * 2)) {
      if (byte < usable && text.length < LENGTH) text += ALPHABET[byte % ALPHABET.length] ?? '';
    }
  }
  return text;
};
