import { DirectoryError, type DirectoryCall, type DirectoryStep, type StepOutcome } from '#core/accounts';
import type { Instant } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import type { FakeDirectory } from '#core/testing';
import type { Chance } from '../kernel/chance.js';
import type { Scheduler } from '../kernel/scheduler.js';

/** One call that has left a process, on its way to a tenant. */
export interface Sent {
  readonly who: string;
  readonly app: EntraApp;
  readonly step: DirectoryStep;
  readonly sentAt: Instant;
  /** Who sent it had been held between asking for it and sending it, or nobody waits for it any more. */
  readonly isLate: () => boolean;
}

/** What becomes of a call when it arrives. */
export type Arrival =
  | { readonly how: 'carried out' }
  | { readonly how: 'carried out, answer lost' }
  /** Answered as done, and not done. */
  | { readonly how: 'lied about' }
  | {
      readonly how: 'refused';
      readonly reason: 'throttled' | 'unanswered';
      readonly status: number;
      readonly retryAfterSeconds: number | null;
    };

export interface NetworkRules {
  readonly latencyMs: (tenantId: string) => number;
  readonly arrival: (sent: Sent) => Arrival;
  readonly arrived: (sent: Sent, arrival: Arrival, outcome: StepOutcome) => void;
  /** The tenant is about to carry it out, or has just done so. */
  readonly carrying: (sent: Sent | null) => void;
  /** The fake itself threw. */
  readonly failed: (error: unknown) => void;
}

/** Between the processes and the tenants: what has left a process arrives, whether the process lives on or not. */
export class Network {
  constructor(
    private readonly of: {
      readonly scheduler: Scheduler;
      readonly chance: Chance;
      readonly directory: FakeDirectory;
    },
    private readonly rules: NetworkRules,
  ) {}

  /** Sends steps side by side, except those that wait for another; tells when all have been answered. */
  send(
    steps: readonly DirectoryStep[],
    by: { readonly sent: (step: DirectoryStep) => Sent; readonly isHome: () => void },
  ): ReadonlyMap<string, StepOutcome> {
    const outcomes = new Map<string, StepOutcome>();
    const arrive = (step: DirectoryStep): void => {
      const sent = by.sent(step);
      this.of.scheduler.plan(
        `${sent.who}: ${step.call.do} arrives`,
        this.of.scheduler.now + this.rules.latencyMs(sent.app.tenantId),
        () => {
          this.carryOut(sent, outcomes).then(() => {
            for (const next of steps.filter(({ after }) => after === step.ref)) arrive(next);
            if (outcomes.size === steps.length) by.isHome();
          }, this.rules.failed);
        },
      );
    };
    for (const step of steps) if (step.after === undefined) arrive(step);
    return outcomes;
  }

  private async carryOut(sent: Sent, outcomes: Map<string, StepOutcome>): Promise<void> {
    const { step } = sent;
    const before = step.after === undefined ? null : (outcomes.get(step.after) ?? null);
    if (before !== null && !before.ok) {
      outcomes.set(step.ref, unsent(step, 'not_tried'));
      return;
    }
    const arrival = this.rules.arrival(sent);
    const outcome = await this.outcomeOf(sent, arrival);
    outcomes.set(step.ref, outcome);
    this.rules.arrived(sent, arrival, outcome);
  }

  private async outcomeOf(sent: Sent, arrival: Arrival): Promise<StepOutcome> {
    const { directory, scheduler } = this.of;
    const { app, step } = sent;
    const at = Math.floor(scheduler.now / 1_000) * 1_000;
    if (arrival.how === 'lied about') return { ref: step.ref, at, ok: true, answer: doneAnswer(step.call) };
    const isThisOne = (call: DirectoryCall): boolean => call === step.call;
    if (arrival.how === 'refused') {
      const { reason, status, retryAfterSeconds } = arrival;
      const told = retryAfterSeconds === null ? {} : { retryAfterSeconds };
      directory.failNext(isThisOne, { reason, status, retry: 'later', ...told });
    }
    if (arrival.how === 'carried out, answer lost') directory.applyWithoutAnswer(isThisOne);
    this.rules.carrying(sent);
    const alone = directory.perform(app, [{ ref: step.ref, call: step.call }], 10_000);
    this.rules.carrying(null);
    const [outcome] = await alone;
    return outcome ?? unsent(step, 'unanswered');
  }
}

/** What takes away can be answered like this. */
const doneAnswer = (call: DirectoryCall) => ({ did: call.do as 'disable', already: false }) as const;

/** Not sent, or never heard of again. */
export const unsent = ({ ref, call }: DirectoryStep, reason: 'not_tried' | 'unanswered'): StepOutcome => ({
  ref,
  at: null,
  ok: false,
  error: new DirectoryError(reason, `${call.do}: ${reason}`, {
    retry: 'later',
    workload: 'directory',
    status: null,
    code: null,
    retryAfterSeconds: null,
    requestId: null,
  }),
});
