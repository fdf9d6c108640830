/** One account's right to be enabled, as whoever asked for it was promised. */
export interface Right {
  readonly from: number;
  readonly until: number;
}

export interface AccountName {
  readonly tenantId: string;
  readonly upn: string;
}

/** Everything that a scenario was promised, kept apart from Curfew's own rows. */
export class Rights {
  readonly #rights = new Map<string, Right[]>();

  /** A right that begins no earlier than `from`; answers how its end is moved. */
  add(account: AccountName, right: Right): (until: number) => void {
    const key = nameOf(account);
    const all = this.#rights.get(key) ?? [];
    let current = right;
    all.push(right);
    this.#rights.set(key, all);
    return (until) => {
      const moved = { ...current, until };
      all.splice(all.indexOf(current), 1, moved);
      current = moved;
    };
  }

  of(account: AccountName): readonly Right[] {
    return this.#rights.get(nameOf(account)) ?? [];
  }

  isOurs(account: AccountName): boolean {
    return this.#rights.has(nameOf(account));
  }
}

export const nameOf = ({ tenantId, upn }: AccountName): string => `${tenantId} ${upn.toLowerCase()}`;
