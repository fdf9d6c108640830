import { Secret, type Ids } from '#core/shared';

/** `curfew_<30 base62>_<6 base62 of a CRC-32>`: a scanner can tell it from noise without asking anybody. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SHAPE = /^(curfew_[0-9A-Za-z]{30})_([0-9A-Za-z]{6})$/;
/** 30 digits of 62: more than 178 bits, so its plain SHA-256 may be kept. */
const RANDOM_DIGITS = 30;
const CHECK_DIGITS = 6;
/** `curfew_` and six digits: enough to tell tokens apart, and 143 bits remain secret. */
const PREFIX_LENGTH = 13;

/** A fresh token. */
export const generateToken = (ids: Ids): Secret => {
  const body = `curfew_${randomDigits(ids)}`;
  return new Secret(`${body}_${checkOf(body)}`);
};

/** Whether the text can be one of ours: asked before the database is. */
export const isTokenText = (text: string): boolean => {
  const [, body, check] = SHAPE.exec(text) ?? [];
  return body !== undefined && checkOf(body) === check;
};

/** The first characters of a token, which are no secret. */
export const prefixOf = (token: Secret): string => token.expose().slice(0, PREFIX_LENGTH);

/** Unbiased: bytes beyond the last whole multiple of 62 are thrown away. */
const randomDigits = (ids: Ids): string => {
  const usable = 256 - (256 % DIGITS.length);
  let text = '';
  while (text.length < RANDOM_DIGITS) {
    for (const byte of ids.randomBytes(RANDOM_DIGITS * 2)) {
      if (byte < usable && text.length < RANDOM_DIGITS) text += DIGITS[byte % DIGITS.length] ?? '';
    }
  }
  return text;
};

const checkOf = (body: string): string => {
  let rest = crc32(body);
  let text = '';
  for (let place = 0; place < CHECK_DIGITS; place += 1) {
    text = (DIGITS[rest % DIGITS.length] ?? '') + text;
    rest = Math.floor(rest / DIGITS.length);
  }
  return text;
};

/** CRC-32 as in zip and PNG, bit by bit: the text is short. */
const crc32 = (text: string): number => {
  let state = 0xffffffff;
  for (const char of text) {
    state ^= char.charCodeAt(0);
    for (let bit = 0; bit < 8; bit += 1) state = (state >>> 1) ^ (state & 1 ? 0xedb88320 : 0);
  }
  return ~state >>> 0;
};
