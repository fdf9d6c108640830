import { accessErrors } from './access.errors.js';

/**
 * What a ticket must look like, in signs that are read from left to right: `#` a digit, `@` a letter, `?` either of them; `+` after
 * one of these: once or more often; `\` before a sign: the sign itself. Everything else stands for itself, in either case.
 */
export type TicketPattern = string;

/** Of one policy: each has to be looked at for each ticket. */
const MOST_PATTERNS = 10;

type Fits = (sign: string) => boolean;
interface Place {
  readonly fits: Fits;
  readonly repeats: boolean;
}

const isDigit: Fits = (sign) => /^[0-9]$/.test(sign);
const isLetter: Fits = (sign) => /^[A-Za-z]$/.test(sign);
const signs: Readonly<Record<string, Fits>> = {
  '#': isDigit,
  '@': isLetter,
  '?': (sign) => isDigit(sign) || isLetter(sign),
};
const literal =
  (wanted: string): Fits =>
  (sign) =>
    sign.toLowerCase() === wanted.toLowerCase();

/** These mean something in other languages of patterns; whoever writes one of them would be misunderstood in silence. */
const FOREIGN = /^[*^$|()[\]{}]$/;

/** Why nobody could use a pattern; null: it can be used. */
type Fault =
  | 'empty'
  | 'blank_at_the_beginning'
  | 'nothing_open'
  | 'ends_with_backslash'
  | 'plus_without_sign'
  | 'sign_of_another_language';

/** Throws `access_policy.ticket_pattern_…` when somebody who gives a ticket could not know what is wanted. */
export const usablePatterns = (patterns: readonly TicketPattern[]): readonly TicketPattern[] => {
  const own = [...new Set(patterns.map((pattern) => pattern.trim()))];
  if (own.length > MOST_PATTERNS)
    throw accessErrors.refuse('access_policy.ticket_patterns_too_many', { maximum: MOST_PATTERNS });
  for (const pattern of own) {
    const read = placesOf(pattern);
    if (typeof read === 'string')
      throw accessErrors.refuse('access_policy.ticket_pattern_invalid', { pattern, reason: read });
  }
  return own;
};

/** Whether the ticket as a whole fits one of the patterns; without any every ticket does. */
export const fitsTicket = (ticket: string, patterns: readonly TicketPattern[]): boolean =>
  patterns.length === 0 || patterns.some((pattern) => fits(ticket.trim(), pattern));

/** In as many steps as the ticket and the pattern are long, whatever stands in them: every way through is walked at once. */
const fits = (ticket: string, pattern: TicketPattern): boolean => {
  const places = placesOf(pattern);
  if (typeof places === 'string') return false;
  let reached = new Set([0]);
  for (const sign of ticket) {
    const next = new Set<number>();
    for (const at of reached) {
      if (places[at]?.fits(sign) === true) next.add(at + 1);
      const before = places[at - 1];
      if (before?.repeats === true && before.fits(sign)) next.add(at);
    }
    reached = next;
  }
  return reached.has(places.length);
};

const placesOf = (pattern: TicketPattern): readonly Place[] | Fault => {
  const pieces = pattern.match(PIECE) ?? [];
  const fault = faultIn(pieces);
  return fault ?? pieces.map(placeOf);
};

/** A sign with what belongs to it: `\\` and what follows, or a `+` behind one that can be repeated. */
const PIECE = /\\.?|[#@?]\+?|./gsu;

const faultIn = (pieces: readonly string[]): Fault | null => {
  if (pieces.length === 0) return 'empty';
  if (pieces.includes('\\')) return 'ends_with_backslash';
  // A ticket is looked at without the blanks around it.
  if (/^\\\s$/u.test(pieces[0] ?? '')) return 'blank_at_the_beginning';
  if (pieces.includes('+')) return 'plus_without_sign';
  if (pieces.some((piece) => FOREIGN.test(piece))) return 'sign_of_another_language';
  return pieces.some(([sign = '']) => sign in signs) ? null : 'nothing_open';
};

const placeOf = (piece: string): Place => {
  const fits = signs[piece[0] ?? ''];
  if (fits !== undefined) return { fits, repeats: piece.endsWith('+') };
  return { fits: literal(piece.startsWith('\\') ? piece.slice(1) : piece), repeats: false };
};
