import type { FactoryProvider, Type } from '@nestjs/common';
import { PORTS, type Ports } from './ports.js';

/** Nest's provider of a use case that needs nothing but ports. */
export const useCase = <UseCase>(
  type: Type<UseCase> & (new (ports: Ports) => UseCase),
): FactoryProvider<UseCase> => ({
  provide: type,
  useFactory: (ports: Ports) => new type(ports),
  inject: [PORTS],
});
