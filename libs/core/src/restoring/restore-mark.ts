/** How far a database had come: its audit logs only ever grow, so a lower mark is an older database. */
export interface RestoreMark {
  /** Of each organization the highest audit sequence, added up. */
  readonly mark: number;
  /** How many restorations it has come through. */
  readonly generation: number;
}

/** What is kept beside the key: a mark, none yet (`absent`), or nothing because nothing can be kept there. */
export type KeptMark = RestoreMark | 'absent' | 'unkept';

/** `goes_on`: the database is no older than what was kept. `unguarded`: nobody can tell. */
export type MarkVerdict = 'goes_on' | 'restored' | 'unguarded';

/** Whether a database is older than it was when the mark was kept. */
export const judgeMark = (
  database: RestoreMark & { readonly hasAccounts: boolean },
  kept: KeptMark,
): MarkVerdict => {
  if (kept === 'unkept') return 'unguarded';
  // A database without accounts has nothing to lose sight of: it is new.
  if (kept === 'absent') return database.hasAccounts ? 'restored' : 'goes_on';
  // Somebody else has found out and brought it to an end since this mark was kept.
  if (kept.generation < database.generation) return 'goes_on';
  return kept.generation > database.generation || kept.mark > database.mark ? 'restored' : 'goes_on';
};
