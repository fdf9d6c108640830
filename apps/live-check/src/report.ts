import type { Check, Finding } from './check.js';

/** One line of the report. */
export interface Line {
  readonly id: string;
  readonly assumes: string;
  readonly evidence: Check['evidence'];
  readonly scenarios: readonly string[];
  readonly result: Finding['result'];
  /** What was seen, or why nothing was. */
  readonly said: string;
}

/** What is sent in: no tenant, no app, no name, no secret. */
export interface Report {
  readonly curfew: 'live-check';
  readonly version: 1;
  readonly at: string;
  readonly cloud: string;
  readonly canary: boolean;
  readonly held: number;
  readonly differs: number;
  readonly notChecked: number;
  readonly lines: readonly Line[];
}

const GUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;
/** With bounds, as below: a tenant may answer anything, and a text without an @ must not take for ever. */
const NAME = /[\w.'+-]{1,64}@[\w.-]{1,255}/g;
/** base64url of two GUIDs, as the ids of role assignments are made. */
const ASSIGNMENT_ID = /[\w-]{43}-1\b/g;
const TOKEN = /\beyJ[\w-]{8,8000}\.[\w-]{1,8000}(?:\.[\w-]{1,8000})?/g;
/** What a terminal would obey. */
const CONTROL = /\p{Cc}+/gu;
const LONGEST = 4_000;
const MOST_READ = 65_536;

/** In any case; a short one only as a word of its own, or it would stand for half of every sentence. */
const literally = (name: string): RegExp => {
  const plain = name.replaceAll(/[\\^$.*+?()[\]{}|]/g, (sign) => `\\${sign}`);
  return new RegExp(name.length > 3 ? plain : `(?<![\\p{L}\\p{N}])${plain}(?![\\p{L}\\p{N}])`, 'giu');
};

/**
 * Takes out whatever tells the tenant: ids, names with an @, tokens, and the texts given (its domains, its display name).
 * What is left is one line of bounded length.
 */
export const scrubber = (names: readonly string[]): ((text: string) => string) => {
  const literal = names
    .filter((name) => name !== '')
    .sort((a, b) => b.length - a.length)
    .map(literally);
  return (text) =>
    literal
      .reduce((clean, name) => clean.replaceAll(name, '<name>'), text.slice(0, MOST_READ))
      .replace(TOKEN, '<token>')
      .replace(NAME, '<name>')
      .replace(GUID, '<id>')
      .replace(ASSIGNMENT_ID, '<id>')
      .replace(CONTROL, ' ')
      .slice(0, LONGEST);
};

/** A finding as a line, scrubbed. */
export const lineOf = (
  { id, assumes, evidence, scenarios }: Omit<Check, 'run'>,
  finding: Finding,
  scrub: (text: string) => string,
): Line => ({
  id,
  assumes,
  evidence,
  scenarios,
  result: finding.result,
  said: scrub(finding.result === 'not checked' ? finding.why : finding.observed),
});

/** Counts the lines up. */
export const reportOf = (
  lines: readonly Line[],
  { at, cloud, canary }: Pick<Report, 'at' | 'cloud' | 'canary'>,
): Report => {
  const count = (result: Finding['result']): number => lines.filter((line) => line.result === result).length;
  return {
    curfew: 'live-check',
    version: 1,
    at,
    cloud,
    canary,
    held: count('held'),
    differs: count('differs'),
    notChecked: count('not checked'),
    lines,
  };
};

const SIGNS: Readonly<Record<Finding['result'], string>> = {
  held: 'held       ',
  differs: 'DIFFERS    ',
  'not checked': 'not checked',
};

/** The report for people. */
export const inText = ({ lines, held, differs, notChecked }: Report): string =>
  [
    ...lines.flatMap(({ id, assumes, evidence, scenarios, result, said }) => [
      `${SIGNS[result]}  ${id}  (${[evidence, ...scenarios].join(', ')})`,
      `             ${assumes}`,
      `             → ${said}`,
    ]),
    '',
    `${held} held, ${differs} differ, ${notChecked} not checked.`,
  ].join('\n');
