import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
  type ExecutionContext,
} from '@nestjs/common';
import type { Route } from '#contracts';
import type { ApiRequest, CallOf, ReplyOf } from './call.js';

const ROUTE = 'curfew:route';

const methods = {
  GET: RequestMethod.GET,
  POST: RequestMethod.POST,
  PUT: RequestMethod.PUT,
  DELETE: RequestMethod.DELETE,
} as const satisfies Record<Route['method'], RequestMethod>;

const Call = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<ApiRequest>().call,
);

type Handler<R extends Route> = (call: CallOf<R>) => ReplyOf<R> | Promise<ReplyOf<R>>;

/**
 * Binds a controller's method to a route of the contracts: method, path, permission and status. The method takes one
 * `CallOf` that route and must answer with what the route promises, else it doesn't compile.
 */
export const Endpoint =
  <R extends Route>(route: R) =>
  <H extends Handler<R>>(target: object, name: string, descriptor: TypedPropertyDescriptor<H>): void => {
    Call()(target, name, 0);
    applyDecorators(
      RequestMapping({ method: methods[route.method], path: route.path.replace(/\{(\w+)\}/g, ':$1') }),
      HttpCode(route.success.status),
      SetMetadata(ROUTE, route),
    )(target, name, descriptor);
  };

/** The route that a controller's method is bound to; undefined: to none. */
export const routeOf = (handler: object): Route | undefined =>
  Reflect.getMetadata(ROUTE, handler) as Route | undefined;
