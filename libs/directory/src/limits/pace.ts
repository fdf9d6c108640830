import type { EntraApp } from '#core/tenancy';
import type { GraphAnswer, GraphRequest } from '../graph-answer.js';
import type { GraphClient } from '../graph-client.js';
import { Allowances, type Caller, type Charge } from './allowances.js';
import { costOf } from './cost.js';
import type { GraphLimits } from './graph-limits.js';
import { heardIn } from './heard.js';
import { rankOf, type Lane } from './lane.js';
import { Lanes, NoTurn, type LaneSettings } from './lanes.js';

export interface PaceOptions {
  /** Milliseconds that never go backwards; default the process's own. */
  readonly elapsed?: () => number;
  readonly limits?: GraphLimits;
  readonly lanes?: Partial<LaneSettings>;
}

/** How fast one process asks of Graph, all its clouds and customers together: how much, and how many at a time. */
export class Pace {
  readonly allowances: Allowances;
  readonly lanes: Lanes;

  constructor({ elapsed = () => performance.now(), limits, lanes }: PaceOptions = {}) {
    this.allowances = new Allowances(elapsed, limits);
    this.lanes = new Lanes(elapsed, lanes);
  }

  callerOf({ cloud, clientId, tenantId }: EntraApp): Caller {
    const app = `${cloud} ${clientId.toLowerCase()}`;
    return { app, appInTenant: `${app} ${tenantId.toLowerCase()}` };
  }

  /** The client, with each request in its lane: for what is no step of a plan. What is too early doesn't leave. */
  paced(client: GraphClient, wallClock: () => number): Pick<GraphClient, 'send' | 'pathOf'> {
    return {
      pathOf: (link) => client.pathOf(link),
      send: (app, request, signal) => this.#send({ client, app, request, wallClock }, signal),
    };
  }

  async #send({ client, app, request, wallClock }: Sending, signal: AbortSignal): Promise<GraphAnswer> {
    const caller = this.callerOf(app);
    const lane: Lane = request.priority === 'Low' ? 'background' : 'reading';
    // An envelope that is sent here holds readings, and counts as one.
    const cost = request.path === '/$batch' ? READING : costOf(request);
    const charge: Charge = { workload: 'directory', rank: rankOf(lane), cost };
    const isTry = (): boolean => this.allowances.isTry(caller, charge);
    try {
      return await this.lanes.run({ customer: caller.appInTenant, lane, signal, isTry }, async () => {
        const waitMs = this.allowances.spend(caller, charge);
        if (waitMs > 0) return unsent({ waitMs });
        const answer = await client.send(app, request, signal);
        this.allowances.heard(caller, charge, heardIn(answer, wallClock));
        return answer;
      });
    } catch (error) {
      if (error instanceof NoTurn) return unsent({ why: error.message });
      throw error;
    }
  }
}

interface Sending {
  readonly client: GraphClient;
  readonly app: EntraApp;
  readonly request: GraphRequest;
  readonly wallClock: () => number;
}

const READING = { writes: 0, units: 1 };
const unsent = (why: NonNullable<GraphAnswer['unsent']>): GraphAnswer => ({
  status: 0,
  headers: {},
  body: null,
  unsent: why,
});
