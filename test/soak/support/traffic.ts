import { randomUUID } from 'node:crypto';
import type { FaultGround } from '../../faults/support/ground.js';
import type { Chance } from '../../model/kernel/chance.js';
import { Refusal, type Credentials, type CurfewApi, type Grant } from '../../support/stack-api.js';
import { HELPDESK_ADMINISTRATOR, type ConnectedCustomer } from '../../support/stack-msp.js';
import type { Agenda } from './agenda.js';
import { endOf, type Ledger } from './ledger.js';
import type { SoakPlan } from './plan.js';

/** An answer that has not come by then is taken for lost, and the same is sent again. */
const PATIENCE_MS = 20_000;
const AGAIN_MS = [1_000, 6_000] as const;
const SHORTEST_SECONDS = 30;
const LONGEST_SECONDS = 240;
const EXTENDED_SECONDS = [20, 120] as const;
/** A wave begins so often; two thirds of its grants come within its first part. */
const WAVE_MS = 60_000;
const CREST_MS = 12_000;
const CREST = 0.65;
/** Ends of so many grants fall into one second with others of their wave. */
const TOGETHER = 0.3;
const FATES = { extended: 0.2, ended: 0.4, revealed: 0.15 } as const;
const KILL_SECONDS = [45, 100] as const;
const HELD_SECONDS = [3, 12] as const;

interface Place {
  readonly api: CurfewApi;
  readonly customer: ConnectedCustomer;
}

type AskedGrant = Grant & { readonly customerId: string; readonly technicianId: string };

interface Asking {
  readonly place: Place;
  readonly key: string;
  readonly durationSeconds: number;
  readonly since: number;
}

interface Stage {
  readonly ground: FaultGround;
  readonly plan: SoakPlan;
  readonly agenda: Agenda;
  readonly ledger: Ledger;
  readonly chance: Chance;
}

/** Everybody who asks for access, keeps it for a while and has it ended, over the API alone. */
export class Traffic {
  readonly counts = new Map<string, number>();
  #places: Place[] = [];
  #policyId = '';
  #lastOf: AskedGrant | null = null;
  #owner: CurfewApi;

  constructor(private readonly stage: Stage) {
    const { stack, msp } = stage.ground;
    this.#owner = stack.api(msp.tokens.owner, PATIENCE_MS);
  }

  /** People and their policy. */
  async prepare(): Promise<void> {
    const { ground, plan } = this.stage;
    const names = Array.from({ length: plan.technicians }, (_, index) => `soak${index}`);
    const tokens = await ground.msp.tokensOf(names);
    ground.secrets.push(...tokens);
    const { id } = await this.#owner.post<{ id: string }>('/access-policies', {
      customerId: null,
      name: 'Soak',
      roles: [HELPDESK_ADMINISTRATOR],
      credential: 'both',
      defaultDurationSeconds: LONGEST_SECONDS,
      maximumDurationSeconds: 3 * LONGEST_SECONDS,
    });
    this.#policyId = id;
    this.#places = tokens.flatMap((token) => {
      const api = ground.stack.api(token, PATIENCE_MS);
      return ground.fleet.customers.map((customer) => ({ api, customer }));
    });
  }

  /** All grants, in waves up to a last instant, and now and then a kill switch. */
  begin(lastAt: number): void {
    const { agenda, chance, plan } = this.stage;
    const now = Date.now();
    for (let count = 0; count < plan.grants; count += 1) {
      const wave = now + WAVE_MS * Math.floor(((lastAt - now) * chance.next()) / WAVE_MS);
      const within = chance.happens(CREST) ? CREST_MS : WAVE_MS;
      const at = Math.min(lastAt, wave + chance.between(0, within));
      agenda.at(at, () => this.#wish(wave));
    }
    this.#nextKill(lastAt);
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** Somebody who has nothing at that customer asks. */
  #wish(wave: number): Promise<void> {
    const { agenda, chance } = this.stage;
    if (this.#places.length === 0) {
      agenda.after(chance.between(...AGAIN_MS), () => this.#wish(wave));
      return Promise.resolve();
    }
    const [place] = this.#places.splice(chance.between(0, this.#places.length - 1), 1);
    if (place === undefined) return Promise.resolve();
    const since = Date.now();
    const together = Math.ceil((wave + WAVE_MS + CREST_MS - since) / 1_000);
    const isTogether = chance.happens(TOGETHER) && together >= SHORTEST_SECONDS;
    const durationSeconds = isTogether ? together : chance.between(SHORTEST_SECONDS, LONGEST_SECONDS);
    return this.#ask({ place, key: randomUUID(), durationSeconds, since });
  }

  async #ask(asking: Asking): Promise<void> {
    const { place, key, durationSeconds, since } = asking;
    const { customerId } = place.customer;
    try {
      const wish = { customerId, policyId: this.#policyId, durationSeconds };
      const { grantId } = await place.api.post<{ grantId: string }>('/access-requests', wish, {
        'idempotency-key': key,
      });
      await this.#begun(asking, grantId);
    } catch (error) {
      this.#unanswered(error, {
        again: () => this.#ask(asking),
        refused: (code) => {
          this.#count(`refused: ${code}`);
          this.#release(place, Date.now());
          // Somebody else asks instead.
          this.stage.agenda.after(AGAIN_MS[1], () => this.#wish(since));
        },
      });
    }
  }

  async #begun(asking: Asking, grantId: string): Promise<void> {
    const { place, since } = asking;
    try {
      const grant = await place.api.get<AskedGrant>(`/grants/${grantId}`);
      this.stage.ledger.add(grant, place.customer.tenantId, since);
      this.#lastOf = grant;
      this.#count('granted');
      this.#live(place, grant);
    } catch (error) {
      const refused = (code: string): void => this.#count(`look refused: ${code}`);
      this.#unanswered(error, { again: () => this.#begun(asking, grantId), refused });
    }
  }

  /** Either it was refused, or nobody knows what came of it: then the same is sent again. */
  #unanswered(
    error: unknown,
    next: { readonly again: () => Promise<void>; readonly refused: (code: string) => void },
  ): void {
    const { agenda, chance } = this.stage;
    if (error instanceof Refusal && error.problem.status < 500 && error.problem.status !== 429)
      return next.refused(error.problem.code);
    this.#count('sent again');
    agenda.after(chance.between(...AGAIN_MS), next.again);
  }

  /** What becomes of a grant. */
  #live(place: Place, grant: AskedGrant): void {
    const { agenda, chance } = this.stage;
    const now = Date.now();
    const until = Date.parse(grant.expiresAt);
    const fate = chance.next();
    const somewhen = chance.between(Math.min(now + 1_000, until), until);
    if (chance.happens(FATES.revealed)) agenda.after(8_000, () => this.#reveal(place, grant));
    if (fate < FATES.extended) {
      // Some at the last moment.
      agenda.at(until - chance.between(0, 15_000), () => this.#extend(place, grant));
      return;
    }
    if (fate < FATES.ended) agenda.at(somewhen, () => this.#end(place, grant));
    this.#release(place, until);
  }

  /** The account can be given again, now and then at once. */
  #release(place: Place, until: number): void {
    const { agenda, chance } = this.stage;
    const restMs = chance.happens(0.1) ? 0 : 1_000 * chance.between(10, 60);
    agenda.at(until + restMs, () => {
      this.#places.push(place);
      return Promise.resolve();
    });
  }

  async #extend(place: Place, grant: AskedGrant): Promise<void> {
    const { ledger, chance } = this.stage;
    const wanted = Date.parse(grant.expiresAt) + 1_000 * chance.between(...EXTENDED_SECONDS);
    const until = Math.min(wanted, Date.parse(grant.latestExpiresAt));
    const look = async (): Promise<void> => {
      try {
        const found = await place.api.get<AskedGrant>(`/grants/${grant.id}`);
        if (Date.parse(found.expiresAt) === until) this.#count('extended');
        ledger.move(grant.id, endOf(found));
        this.#release(place, endOf(found));
      } catch (error) {
        this.#unanswered(error, { again: look, refused: (code) => this.#count(`look refused: ${code}`) });
      }
    };
    const extend = async (): Promise<void> => {
      try {
        await place.api.extend(grant.id, new Date(until));
        await look();
      } catch (error) {
        const refused = (code: string): void => {
          this.#count(`extension refused: ${code}`);
          this.stage.agenda.after(0, look);
        };
        this.#unanswered(error, { again: extend, refused });
      }
    };
    await extend();
  }

  async #end(place: Place, grant: AskedGrant): Promise<void> {
    try {
      const ended = await place.api.end(grant.id);
      this.#count('ended early');
      this.stage.ledger.move(grant.id, endOf(ended));
    } catch (error) {
      const refused = (code: string): void => this.#count(`end refused: ${code}`);
      this.#unanswered(error, { again: () => this.#end(place, grant), refused });
    }
  }

  /** Nobody may write down what it shows. */
  async #reveal(place: Place, grant: AskedGrant): Promise<void> {
    try {
      const shown: Credentials = await place.api.reveal(grant.id);
      this.#count('revealed');
      for (const secret of [shown.password, shown.pass?.value])
        if (typeof secret === 'string') this.stage.ground.secrets.push(secret);
    } catch (error) {
      this.#count(
        error instanceof Refusal ? `reveal refused: ${error.problem.code}` : 'reveal without an answer',
      );
    }
  }

  #nextKill(lastAt: number): void {
    const { agenda, chance } = this.stage;
    agenda.after(1_000 * chance.between(...KILL_SECONDS), async () => {
      if (Date.now() > lastAt) return;
      const grant = this.#lastOf;
      if (grant !== null) await this.#kill(grant, chance.happens(0.5), randomUUID());
      this.#nextKill(lastAt);
    });
  }

  async #kill(grant: AskedGrant, isCustomer: boolean, key: string): Promise<void> {
    const { agenda, chance } = this.stage;
    const scope = isCustomer
      ? { scope: 'customer', customerId: grant.customerId }
      : { scope: 'technician', technicianId: grant.technicianId };
    try {
      const hold = await this.#owner.post<{ id: string }>('/kill-switch', scope, { 'idempotency-key': key });
      this.#count('kill switches');
      agenda.after(1_000 * chance.between(...HELD_SECONDS), () => this.#lift(hold.id));
    } catch (error) {
      const refused = (code: string): void => this.#count(`kill switch refused: ${code}`);
      this.#unanswered(error, { again: () => this.#kill(grant, isCustomer, key), refused });
    }
  }

  async #lift(id: string): Promise<void> {
    try {
      await this.#owner.post(`/kill-switch/${id}/lift`);
    } catch (error) {
      const refused = (code: string): void => this.#count(`lift refused: ${code}`);
      this.#unanswered(error, { again: () => this.#lift(id), refused });
    }
  }
}
