import type { View } from '../state/replicated.js';
import type { Tenant } from '../state/tenant.js';
import type { World } from '../state/world.js';
import type { Writer } from '../state/writer.js';
import type { Json } from '../foundation/json.js';
import type { Alternatives } from '../access/permissions.js';
import { denied, notFound, type GraphError } from './errors.js';
import type { Workload } from './workloads.js';
import type { User } from '../state/model.js';

/** The app behind a token. */
export interface Caller {
  readonly tenantId: string;
  readonly appId: string;
  readonly servicePrincipalId: string;
  readonly roles: ReadonlySet<string>;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

export interface GraphRequest {
  readonly method: string;
  /** Without /v1.0 and query. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  /** An option that was given more than once. */
  readonly twice?: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}

export interface GraphReply {
  readonly status: number;
  readonly body?: Json | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The true answer, when somebody outside has to be asked for it. */
  readonly later?: () => Promise<GraphReply>;
}

/** What a route's answer is worked out from. */
export interface GraphContext {
  readonly world: World;
  readonly tenant: Tenant;
  readonly caller: Caller;
  readonly request: GraphRequest;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Json;
  readonly now: number;
  readonly requestId: string;
  /** Root of the service, as links and contexts name it. */
  readonly root: string;
  /** A randomly picked replica of each kind. */
  readonly view: View;
  /** What `$filter`, `$search` and `$count` go by. */
  readonly indexView: View;
  readonly methodsView: View;
  readonly pimView: View;
  readonly authorisation: View;
  readonly writer: Writer;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** As in Microsoft's OpenAPI, in the form that is used on the wire. */
  readonly path: string;
  readonly workload: Workload;
  /** Resource units; default 1. */
  readonly cost?: number;
  /** Write quota; default 1 for whatever is no GET. */
  readonly writes?: (body: Json) => number;
  /** Instead of Microsoft's data, where that has a gap. */
  readonly asks?: Alternatives;
  /** Changes nothing although it is no GET: it is charged as a reading. */
  readonly isReading?: boolean;
  /** The route knows `$expand`; elsewhere it is refused although Graph may take it. */
  readonly expands?: boolean;
  /** Body properties of the reference page that Microsoft's OpenAPI lacks. */
  readonly alsoTakes?: readonly string[];
  /** Recorded as a violation whenever the route is called: it is never what a caller means. */
  readonly alarm?: string;
  readonly answer: (ctx: GraphContext) => GraphReply;
}

export const ok = (body: Json): GraphReply => ({ status: 200, body });
export const noContent: GraphReply = { status: 204 };

export const param = (ctx: GraphContext, name: string): string => ctx.params[name] ?? '';

export const header = (ctx: GraphContext, name: string): string | undefined => ctx.request.headers[name];

export const isEventual = (ctx: GraphContext): boolean =>
  header(ctx, 'consistencylevel')?.toLowerCase() === 'eventual';

/** A user by id or UPN as the replica of this request has it: right after a create that may be nobody. */
export function seenUser(ctx: GraphContext, view: View = ctx.view): User {
  const key = param(ctx, 'user-id');
  const { users } = ctx.tenant;
  const user = key.includes('@')
    ? users.lookUp('upn', key.toLowerCase(), view)[0]
    : users.see(key.toLowerCase(), view);
  if (user === undefined) throw notFound(key);
  return user;
}

/** The same user as it is now, to be changed; a replica may still show one that is gone. */
export function liveUser(ctx: GraphContext, view: View = ctx.view): User {
  const user = ctx.tenant.users.truth(seenUser(ctx, view).id);
  if (user === undefined) throw notFound(param(ctx, 'user-id'));
  return user;
}

export function demand(condition: boolean, refusal: () => GraphError = denied): void {
  if (!condition) throw refusal();
}
