import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { AuthenticateToken, identityErrors, mayAtAll, type Permission } from '#core/identity';
import { Secret } from '#core/shared';
import type { RoutePermission } from '#contracts';
import type { ApiRequest } from './call.js';
import { routeOf } from './endpoint.js';

/** Every permission that a route may ask for is one of the core's. */
const asked = (permission: Exclude<RoutePermission, 'public'>): Permission => permission;

/** The one guard: nobody comes in without a token, nor with a role that the route isn't for. Denies by default. */
@Injectable()
export class RouteGuard implements CanActivate {
  constructor(private readonly authenticate: AuthenticateToken) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const route = routeOf(context.getHandler());
    if (route === undefined) return false;
    if (route.permission === 'public') return true;
    const request = context.switchToHttp().getRequest<ApiRequest>();
    const actor = await this.authenticate.execute(bearerOf(request));
    const permission = asked(route.permission);
    if (!mayAtAll(actor.role, permission)) throw identityErrors.refuse('permission.missing', { permission });
    request.actor = actor;
    return true;
  }
}

const bearerOf = ({ headers }: ApiRequest): Secret => {
  const [, token] = /^Bearer +([^\s]{1,200})$/i.exec(headers.authorization ?? '') ?? [];
  if (token !== undefined) return new Secret(token);
  throw identityErrors.refuse(headers.authorization === undefined ? 'token.missing' : 'token.invalid');
};
