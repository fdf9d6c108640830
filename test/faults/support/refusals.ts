import { Refusal } from '../../support/stack-api.js';
import type { FaultGround } from './ground.js';

/** Whoever has a token still has it for an hour: an hour goes by at once. */
export const forgetTokens = async ({ stack }: FaultGround): Promise<void> => {
  for (const name of ['worker', 'revoker'] as const) {
    await stack.kill(name);
    await stack.start(name);
  }
};

/** The code by which the API refuses to give more, or null when it does not. */
export const refusalOf = async (asked: Promise<unknown>): Promise<string | null> => {
  try {
    await asked;
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.problem.code;
    throw error;
  }
};
