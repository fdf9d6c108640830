/** By the standard a name of a certificate has no more characters. */
export const LONGEST_NAME = 64;

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** The name of a certificate for a customer: cut between what a reader takes for characters, so that none is torn in two. */
export const certificateName = (customer: string): string => {
  const whole = `Curfew for ${customer}`.replaceAll(LONE_SURROGATE, '\u{fffd}');
  const kept: string[] = [];
  let length = 0;
  for (const { segment } of GRAPHEMES.segment(whole)) {
    length += [...segment].length;
    if (length > LONGEST_NAME) break;
    kept.push(segment);
  }
  return kept.join('').trimEnd();
};
