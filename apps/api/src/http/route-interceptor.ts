import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Response } from 'express';
import { map, of, type Observable } from 'rxjs';
import type { Route } from '#contracts';
import { PORTS, type Ports } from '#composition';
import type { ApiRequest } from './call.js';
import { routeOf } from './endpoint.js';
import { readCall } from './read-call.js';

/** Whether answers are held against their schema: everywhere but in production, where one that doesn't fit still helps. */
export const CHECK_REPLIES = Symbol('check replies');

/** Parses each request before its handler sees it, and checks the answer. */
@Injectable()
export class RouteInterceptor implements NestInterceptor {
  constructor(
    @Inject(PORTS) private readonly ports: Ports,
    @Inject(CHECK_REPLIES) private readonly checkReplies: boolean,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const route = routeOf(context.getHandler());
    if (route === undefined) throw new Error('A handler without a route was called.');
    const request = context.switchToHttp().getRequest<ApiRequest>();
    if (route.page === true && isNoVisit(request, context)) return of('');
    request.call = readCall(route, request, this.ports.box);
    return next.handle().pipe(map((reply: unknown) => this.checked(route, reply)));
  }

  private checked(route: Route, reply: unknown): unknown {
    if (!this.checkReplies) return reply;
    const parsed = route.success.schema.safeParse(reply);
    if (parsed.success) return reply;
    const where = parsed.error.issues.map(({ path, code }) => `${path.join('.')} (${code})`);
    throw new Error(`The answer of ${route.id} is not what its contract says: ${where.join(', ')}.`);
  }
}

/** A page loads nothing, is framed by nobody, sends nothing anywhere, and leads to nothing of ours. */
const PAGE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Answers as a page; a HEAD asks what a GET would answer, and must do nothing that a visit does. */
const isNoVisit = (request: ApiRequest, context: ExecutionContext): boolean => {
  const response = context.switchToHttp().getResponse<Response>();
  response.setHeader('Content-Security-Policy', PAGE_POLICY);
  response.type('html');
  return request.method === 'HEAD';
};
