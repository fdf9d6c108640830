import { holdsAny, type Alternatives } from '../access/permissions.js';
import type { ViolationLog } from '../control/records.js';
import { isoMillis, type Clock } from '../foundation/clock.js';
import type { Problem, Validators } from '../validation/validators.js';
import { refuseByRules, refuseForeignReferences, refuseShape } from './body-check.js';
import { header, type GraphContext, type GraphReply, type GraphRequest, type Route } from './context.js';
import { badRequest, malformed, type GraphError } from './errors.js';
import { wordsOf } from './workloads.js';

export interface Endpoint {
  readonly route: Route;
  readonly asks: Alternatives;
  readonly options: ReadonlySet<string>;
}

interface Checked {
  readonly request: GraphRequest;
  readonly requestId: string;
  readonly remarks: { readonly violations: string[] };
}

/** Holds requests, and the simulator's own answers, against permissions and Microsoft's contract. */
export class RequestCheck {
  constructor(
    private readonly validators: Validators,
    private readonly log: ViolationLog,
    private readonly clock: Clock,
  ) {}

  /** Throws Graph's refusal. */
  check(context: GraphContext, { route, asks, options }: Endpoint, call: Checked): void {
    if (!holdsAny(context.caller.roles, asks)) throw wordsOf[route.workload].denied(asks, route.method);
    refuseDoubled(context);
    const stray = [...context.request.query.keys()].find(
      (name) => name.startsWith('$') && !options.has(name),
    );
    if (stray !== undefined) {
      this.violated(call, [`${stray} is no option of this request`]);
      throw strayOption(stray, route);
    }
    this.checkBody(context, route, call);
  }

  checkOwn(call: Checked, route: Route, reply: GraphReply): void {
    if (typeof reply.body !== 'object' || !this.validators.isDue()) return;
    const problems = this.validators.responseProblems(route, reply.body);
    if (problems.length > 0) this.record(call, 'own', problems.map(inWords));
  }

  private checkBody(context: GraphContext, route: Route, call: Checked): void {
    if (route.alarm !== undefined) this.violated(call, [route.alarm]);
    if (route.method === 'GET' || route.method === 'DELETE') return;
    refuseShape(route, call.request.body);
    if (this.validators.isDue()) this.checkContract(context, route, call);
    refuseForeignReferences(context);
    refuseByRules(route, context.body);
  }

  private checkContract({ tenant, body }: GraphContext, route: Route, call: Checked): void {
    const extra = new Set(route.alsoTakes);
    const problems = this.validators
      .requestProblems(route, body, tenant.config.switches.enumCase)
      .filter(({ unknownProperty }) => unknownProperty === undefined || !extra.has(unknownProperty));
    if (problems.length === 0) return;
    this.violated(call, problems.map(inWords));
    throw refusalOf(problems, route);
  }

  private violated(call: Checked, problems: string[]): void {
    call.remarks.violations.push(...problems);
    this.record(call, 'requests', problems);
  }

  private record(call: Checked, kind: 'requests' | 'own', problems: string[]): void {
    const { method, path } = call.request;
    const at = isoMillis(this.clock.now());
    this.log.add(kind, { at, method, path, requestId: call.requestId, problems });
  }
}

/** An option, or a header that has one value, given twice. [?] The text for the header. */
function refuseDoubled(context: GraphContext): void {
  const { twice } = context.request;
  if (twice !== undefined) {
    throw malformed(
      `Query option '${twice}' was specified more than once, but it must be specified at most once.`,
    );
  }
  if (header(context, 'consistencylevel')?.includes(',') === true) {
    throw malformed("The header 'ConsistencyLevel' has more than one value.");
  }
}

const strayOption = (option: string, { workload }: Route): GraphError =>
  option === '$skip' && workload === 'directory'
    ? badRequest("'$skip' is not supported by the service.")
    : malformed(`The query parameter '${option}' is not supported.`);

const inWords = ({ path, message, unknownProperty }: Problem): string =>
  `${path === '' ? '/' : path}: ${message}${unknownProperty === undefined ? '' : ` (${unknownProperty})`}`;

function refusalOf(problems: readonly Problem[], route: Route): GraphError {
  const unknown = problems.find((problem) => problem.unknownProperty !== undefined)?.unknownProperty;
  const property = problems[0]?.path.split('/')[1] ?? '';
  const message =
    unknown === undefined
      ? `Invalid value specified for property '${property}'.`
      : `Invalid property '${unknown}'.`;
  return wordsOf[route.workload].badRequest(message);
}
