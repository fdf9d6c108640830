import type { z } from 'zod';
import type { RoutePermission } from './permissions.js';

type Fields = z.ZodObject;

/** What may be sent to a route. Whatever is not declared here is refused. */
export interface RouteRequest {
  readonly params?: Fields;
  readonly query?: Fields;
  readonly headers?: Fields;
  readonly body?: z.ZodType;
}

/** One answer that a route may give. */
export interface RouteReply {
  readonly description: string;
  readonly schema: z.ZodType;
}

/** Everything about one route in one place; the API binds it, OpenAPI is made of it, a spec walks over it. */
export interface Route {
  /** Name of the operation: a verb and what it is done to. */
  readonly id: string;
  readonly tag: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With parameters as in OpenAPI: `/api/v1/grants/{id}`. */
  readonly path: `/api/v1/${string}`;
  readonly permission: RoutePermission;
  readonly summary: string;
  readonly description?: string;
  readonly request: RouteRequest;
  readonly success: { readonly status: 200 | 201 | 202 } & RouteReply;
  /**
   * Answers with a page for a browser, and passes over whatever an identity provider adds to its query: only public routes that
   * somebody is sent to.
   */
  readonly page?: true;
  /** Statuses of refusals, each a problem document; the ones that every route has are added by `problemsOf`. */
  readonly refusals: readonly ProblemStatus[];
}

export type ProblemStatus = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 500 | 503;

/** Keeps the exact types of a route's schemas. */
export const route = <const R extends Route>(declared: R): R => declared;

/** Every status with which a route may refuse. */
export const problemsOf = (declared: Route): readonly ProblemStatus[] => {
  const always: readonly ProblemStatus[] = [400, 500, 503];
  const guarded: readonly ProblemStatus[] = declared.permission === 'public' ? [] : [401, 403];
  const written: readonly ProblemStatus[] = declared.method === 'GET' ? [] : [413, 415];
  return [...new Set([...always, ...guarded, ...written, ...declared.refusals])].sort((a, b) => a - b);
};
