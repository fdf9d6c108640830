import type { Request } from 'express';
import type { z } from 'zod';
import type { Route } from '#contracts';
import type { Actor } from '#core/identity';
import type { CallersKey } from '#core/tenancy';

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : Readonly<Record<string, never>>;

/** One request as a controller sees it: authenticated, and parsed by its route's schemas. */
export interface CallOf<R extends Route> {
  /** Of public routes there is none. */
  readonly actor: R['permission'] extends 'public' ? null : Actor;
  readonly params: Parsed<R['request']['params']>;
  readonly query: Parsed<R['request']['query']>;
  readonly body: Parsed<R['request']['body']>;
  /** The caller's own name for a create; null where none was sent. */
  readonly idempotency: CallersKey | null;
}

/** What a controller answers with, by the route's own schema. */
export type ReplyOf<R extends Route> = z.input<R['success']['schema']>;

/** What is attached to a request on its way in. */
export interface ApiRequest extends Request {
  requestId?: string;
  actor?: Actor;
  call?: CallOf<Route>;
}
