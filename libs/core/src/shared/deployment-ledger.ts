import type { Instant } from './clock.js';

/** What the database says of itself. */
export interface DeploymentState {
  /** Since when nothing is given, because it was restored; null: all is well. */
  readonly restoringSince: Instant | null;
  readonly generation: number;
  /** Of each organization the highest audit sequence, added up. */
  readonly mark: number;
  readonly hasAccounts: boolean;
}

interface Marked {
  readonly mark: number;
  readonly generation: number;
}

/** That a database was found to be older than it was. */
export interface Restored {
  readonly at: Instant;
  /** What the database says of itself. */
  readonly found: Marked;
  /** What was kept outside of it; null: nothing was. */
  readonly seen: Marked | null;
}

/** The one row of the deployment that says whether the database was restored. Each method is one statement. */
export interface DeploymentLedger {
  read(): Promise<DeploymentState>;
  /**
   * Begins a restoration, unless one is under way that knows of this mark or a higher one. Nothing happens when the
   * generation is no longer the one that was found: somebody else has brought it to an end.
   */
  begin(restored: Restored): Promise<void>;
  /** Ends that restoration, and raises the generation above every one seen, once every connected customer is compared. */
  finish(since: Instant, at: Instant): Promise<boolean>;
}
