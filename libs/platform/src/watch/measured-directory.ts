import { DirectoryError, type Directory, type DirectoryStep, type StepOutcome } from '#core/accounts';
import type { EntraApp } from '#core/tenancy';

/** The same directory; each step's outcome is told by one word: `ok`, or the reason of its failure. */
export const measuredDirectory = (directory: Directory, tell: (outcome: string) => void): Directory => ({
  perform: async (
    app: EntraApp,
    steps: readonly DirectoryStep[],
    timeoutMs: number,
  ): Promise<readonly StepOutcome[]> => {
    const outcomes = await directory.perform(app, steps, timeoutMs);
    for (const outcome of outcomes) tell(outcome.ok ? 'ok' : outcome.error.reason);
    return outcomes;
  },
  inspect: async (app, timeoutMs) => {
    try {
      const inspection = await directory.inspect(app, timeoutMs);
      tell('ok');
      return inspection;
    } catch (error) {
      tell(error instanceof DirectoryError ? error.reason : 'unknown');
      throw error;
    }
  },
});
