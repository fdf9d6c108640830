import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { routes, type Route } from '#contracts';
import { PERMISSIONS } from '#core/identity';
import { routeOf } from './endpoint.js';

/** Refuses to start while a handler is open to anybody, or a route of the contracts has no handler. */
@Injectable()
export class RouteCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit(): void {
    const controllers = this.discovery.getControllers().map(({ metatype }) => metatype?.prototype as object);
    const bound = controllers.flatMap((prototype) => this.routesOf(prototype));
    const problems = [...bound.flatMap(problemsOf), ...missing(bound)];
    if (problems.length > 0) throw new Error(`The API does not start: ${problems.join('; ')}.`);
  }

  private routesOf(prototype: object): readonly Bound[] {
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const handler = (prototype as Record<string, object>)[name];
      if (handler === undefined || !Reflect.hasMetadata('path', handler)) return [];
      return [{ handler: `${prototype.constructor.name}.${name}`, route: routeOf(handler) }];
    });
  }
}

interface Bound {
  readonly handler: string;
  readonly route: Route | undefined;
}

const known: readonly (string | undefined)[] = ['public', ...PERMISSIONS];

const problemsOf = ({ handler, route }: Bound): readonly string[] => {
  if (route === undefined) return [`${handler} is bound to no route of the contracts`];
  return known.includes(route.permission) ? [] : [`${handler} declares no permission that exists`];
};

const missing = (bound: readonly Bound[]): readonly string[] =>
  Object.values<Route>(routes).flatMap((declared) => {
    const handlers = bound.filter(({ route }) => route === declared);
    return handlers.length === 1 ? [] : [`${declared.id} has ${handlers.length} handlers instead of one`];
  });
