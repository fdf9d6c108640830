import { GraphWitness, type OwedEnd } from '../../support/graph-witness.js';
import { Fleet, type FleetGrant } from '../../support/stack-fleet.js';
import {
  HELPDESK_ADMINISTRATOR,
  TestMsp,
  type ConnectedCustomer,
  type PolicyTerms,
} from '../../support/stack-msp.js';
import { TestStack } from '../../support/stack.js';
import { until } from '../../support/stack-until.js';
import { judgeHistory, LATEST_MS, type Circumstances } from './checker.js';
import { leaksIn } from './leaks.js';
import { badlyNumbered, badlyTold, closedWithoutProof } from './records.js';
import type { InvariantName } from './report.js';
import { Rights } from './rights.js';

export type Queue = 'postgres' | 'redis';

export interface GroundPlan {
  readonly queue: Queue;
  readonly customers: number;
  readonly technicians: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** What a scenario looks for among the alarms. */
export interface Alarm {
  readonly kind: string;
  readonly customerId: string | null;
  readonly cause: string;
}

const ACTIVE_MS = 180_000;
/** Of a role that Privileged Identity Management ended by itself, a list is proof only after two minutes. */
const CLOSED_MS = 240_000;
const LEAD_MS = 5_000;

/** A whole Curfew with running grants, on which one scenario is played; what it was promised is written down beside it. */
export class FaultGround {
  readonly msp: TestMsp;
  readonly fleet: Fleet;
  readonly rights = new Rights();
  readonly witness: GraphWitness;
  /** What else a running grant gives. */
  readonly given = new Set<string>([HELPDESK_ADMINISTRATOR]);
  /** Whatever must never be written down. */
  readonly secrets: string[] = [];
  readonly #moves = new Map<string, (until: number) => void>();
  readonly #ends: OwedEnd[] = [];
  #excusedMs = 0;
  #zombieMs = 0;

  private constructor(
    readonly queue: Queue,
    readonly stack: TestStack,
    { msp, fleet }: { readonly msp: TestMsp; readonly fleet: Fleet },
  ) {
    this.msp = msp;
    this.fleet = fleet;
    this.witness = new GraphWitness(stack.simulator);
    this.secrets.push(...Object.values(msp.tokens), ...fleet.secrets);
  }

  static async build({ queue, environment, customers, technicians }: GroundPlan): Promise<FaultGround> {
    const stack = await TestStack.start(environment, { redis: queue === 'redis', proxied: true });
    try {
      const msp = await TestMsp.create(stack);
      const fleet = await Fleet.create(stack, msp, { customers, technicians });
      return new FaultGround(queue, stack, { msp, fleet });
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  /** One grant for each technician at each customer, all of them active. */
  async grants(): Promise<readonly FleetGrant[]> {
    const from = Date.now();
    const grants = await this.fleet.grants(ACTIVE_MS);
    for (const grant of grants)
      this.#moves.set(grant.grantId, this.rights.add(grant, { from, until: grant.expiresAt }));
    return grants;
  }

  /** A right that the scenario came by in another way; answers how its end is moved. */
  promise(account: { readonly tenantId: string; readonly upn: string }, from: number, until: number) {
    return this.rights.add(account, { from, until });
  }

  /** These grants end one after the other, from some seconds from now on unless told otherwise. */
  async end(
    grants: readonly FleetGrant[],
    { inMs = LEAD_MS, spreadMs }: { readonly inMs?: number; readonly spreadMs: number },
  ): Promise<readonly FleetGrant[]> {
    const ends = await this.fleet.endWithin(grants, { from: Date.now() + inMs, spreadMs });
    for (const end of ends) this.#moves.get(end.grantId)?.(end.expiresAt);
    this.#ends.push(...ends);
    return ends;
  }

  /** It was extended over the API meanwhile: what was owed at its old end is owed at its new one. */
  extend(end: FleetGrant, until: number): void {
    this.#moves.get(end.grantId)?.(until);
    const at = this.#ends.findIndex(({ upn, tenantId }) => upn === end.upn && tenantId === end.tenantId);
    if (at >= 0) this.#ends.splice(at, 1, { ...end, expiresAt: until });
  }

  /** A customer beside the fleet's, with a policy of the technician's; its name is the scenario's. */
  async customer(
    name: string,
    terms: PolicyTerms = {},
  ): Promise<{ customer: ConnectedCustomer; policyId: string }> {
    const customer = await this.msp.customer(name);
    this.secrets.push(customer.secret);
    return { customer, policyId: await this.msp.policy(customer, terms) };
  }

  /** An end of a grant that the scenario came by in another way, for its lateness. */
  owe(end: OwedEnd): void {
    this.#ends.push(end);
  }

  /** For so long nobody could take away: the D of the promise. */
  excuse(ms: number): void {
    this.#excusedMs = Math.max(this.#excusedMs, ms);
  }

  /** A frozen process may go on with what it was about to do; whatever it enables is taken back within this. */
  expectZombie(ms: number): void {
    this.#zombieMs = Math.max(this.#zombieMs, ms);
  }

  /** Waits for an instant, in milliseconds since 1970. */
  async reach(instant: number): Promise<void> {
    await until(
      () => Date.now(),
      (now) => now >= instant,
      { what: 'an instant is reached', timeoutMs: Math.max(0, instant - Date.now()) + 10_000 },
    );
  }

  /** Waits until Graph has accepted all of these ends, or until the promise is broken for the first of them. */
  async settle(ends: readonly OwedEnd[] = this.#ends): Promise<void> {
    const latest = Math.max(...ends.map(({ expiresAt }) => expiresAt)) + LATEST_MS + this.#excusedMs;
    await until(
      async () => {
        await this.witness.look();
        return ends.filter((end) => this.witness.isEnabled(end)).length;
      },
      (enabled) => enabled === 0 || Date.now() > latest,
      { what: 'all is ended, or the bound has passed', timeoutMs: latest - Date.now() + 15_000 },
    );
  }

  /** Waits until these grants are proven closed. */
  async closed(grants: readonly FleetGrant[], timeoutMs = CLOSED_MS): Promise<void> {
    await until(
      () => this.fleet.statesOf(grants),
      (states) => states.every((state) => state === 'ended'),
      { what: 'all are proven closed', timeoutMs },
    );
  }

  /** Waits for an alarm until an instant. */
  async alarm(isIt: (alarm: Alarm) => boolean, latest: number): Promise<void> {
    await until(
      () => this.msp.owner.get<{ items: readonly Alarm[] }>('/alarms?limit=100'),
      ({ items }) => items.some(isIt),
      { what: 'somebody is alarmed', timeoutMs: Math.max(0, latest - Date.now()) },
    );
  }

  /** Accounts of these grants that hold a role at Graph although all their grants are said to be over. */
  async closedWhileHolding(grants: readonly FleetGrant[]): Promise<readonly string[]> {
    const open = await this.fleet.openOf(grants);
    const holding: string[] = [];
    for (const { tenantId } of this.fleet.customers)
      for (const { userPrincipalName: upn, roles } of (await this.stack.simulator.truth(tenantId)).users)
        if (roles.length > 0 && this.rights.isOurs({ tenantId, upn })) holding.push(upn);
    return holding.filter((upn) => !open.includes(upn));
  }

  /** Positive: Graph accepted it so many milliseconds after the end. */
  async lateness(ends: readonly OwedEnd[] = this.#ends): Promise<readonly number[]> {
    await this.witness.look();
    return ends.map((end) => this.witness.lateMs(end) ?? Date.now() - end.expiresAt);
  }

  /** Everything that is wrong by now, by invariant; what the ground was not told of the circumstances is said here. */
  async judge(
    circumstances: Partial<Circumstances> = {},
  ): Promise<Partial<Record<InvariantName, readonly string[]>>> {
    const findings = judgeHistory(await this.stack.simulator.history(), {
      rights: this.rights,
      given: this.given,
      excusedMs: () => this.#excusedMs,
      zombieMs: this.#zombieMs,
      underWayMs: () => (this.#zombieMs > 0 ? Infinity : 0),
      now: Date.now(),
      ...circumstances,
    });
    await this.witness.look();
    const early = this.#ends.flatMap((end) => {
      const late = this.witness.lateMs(end);
      return late !== null && late < 0 ? [`${end.upn} was disabled ${-late} ms before its end`] : [];
    });
    return {
      ...findings,
      I1: [...findings.I1, ...early],
      I7: await this.#strangers(),
      I4: await closedWithoutProof(this.stack),
      I8: await leaksIn(this.stack, this.secrets),
      I10: [...(await badlyTold(this.stack)), ...(await badlyNumbered(this.stack))],
    };
  }

  /** Users named like ours, enabled, of whom nobody was promised anything. */
  async #strangers(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const { tenantId } of this.fleet.customers)
      for (const { userPrincipalName: upn, accountEnabled } of (await this.stack.simulator.truth(tenantId))
        .users)
        if (accountEnabled && upn.startsWith('jit-') && !this.rights.isOurs({ tenantId, upn }))
          found.push(`${upn} is enabled and nobody's`);
    return found;
  }

  async close(): Promise<void> {
    await this.fleet.close();
    await this.stack.stop();
  }
}
