import { byHand, hindranceOf, type ClosingAccount, type Tally } from '#core/grants';
import { iso } from '../wire.js';

const words = {
  open: 'waiting     ',
  ending: 'not yet     ',
  taken: 'taken away  ',
  closed: 'closed      ',
} as const satisfies Record<ClosingAccount['state'], string>;

/** One account as a line names it. */
const nameOf = ({ customer, upn }: ClosingAccount): string => `${customer.name}  ${upn}`;

/** Tells each account's way once: when it was taken away, when it is proven, and what keeps it whenever that changes. */
export class ClosingLines {
  readonly #told = new Map<string, { readonly account: ClosingAccount; readonly line: string }>();

  /** What is new since the last time; `left` are all that are not closed. */
  since(left: readonly ClosingAccount[]): readonly string[] {
    const present = new Map(left.map((account) => [account.accountId, account]));
    const closed = [...this.#told.values()]
      .filter(({ account }) => !present.has(account.accountId))
      .map(({ account }) => {
        this.#told.delete(account.accountId);
        return `${words.closed}${nameOf(account)}`;
      });
    return [...closed, ...left.flatMap((account) => this.#changed(account))];
  }

  #changed(account: ClosingAccount): readonly string[] {
    const line = lineOf(account);
    const before = this.#told.get(account.accountId)?.line;
    this.#told.set(account.accountId, { account, line });
    // Nobody needs to be told that a thing is as it must be at first.
    const isNews = line !== before && (account.state === 'taken' || hindranceOf(account) !== null);
    return isNews ? [line] : [];
  }
}

const lineOf = (account: ClosingAccount): string => {
  const cause = account.state === 'taken' ? null : hindranceOf(account);
  const why =
    cause === null ? '' : `: ${cause.reason}, tried again by ${iso(cause.until)} (${oneLine(cause.message)})`;
  return `${words[account.state]}${nameOf(account)}${why}`;
};

export const tallyLine = ({ open, ending, taken, closed }: Tally): string =>
  `${closed} closed, ${taken} taken away and not read back yet, ${open + ending} not done.`;

/** The list to do it by hand: everything that Graph has not accepted yet. */
export const byHandLines = (left: readonly ClosingAccount[]): readonly string[] => [
  '',
  `To do by hand, for ${left.length} accounts that Graph has not let go of:`,
  ...left.flatMap(accountByHand),
];

const accountByHand = (account: ClosingAccount): readonly string[] => {
  const { customer, held, objectId, tenant, upn } = account;
  const { commands, portalUrl } = byHand(account);
  return [
    '',
    `${customer.name}  ${upn}`,
    `  tenant ${tenant?.id ?? 'not connected'}, object ${objectId ?? 'not known to exist'}`,
    `  ${lineOf(account).trim()}`,
    `  may be enabled: ${held.enabled ? 'yes' : 'no'}; roles: ${listed(held.roles)}; groups: ${listed(held.groups)}` +
      `; pass: ${held.pass ? 'yes' : 'no'}`,
    ...(portalUrl === null ? [] : [`  ${portalUrl}`]),
    ...commands.map((command) => `  ${command}`),
  ];
};

const listed = (ids: readonly string[]): string => (ids.length === 0 ? 'none' : ids.join(', '));

/** Graph's words may hold anything: nothing of them forges a line. */
const oneLine = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- exactly these are taken out
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').slice(0, 300);
