import { Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from '#platform';
import { LOGGER, PORTS, type Ports } from './ports.js';

/** Ports and logger for all feature modules of a process. */
@Module({})
export class PortsModule {
  static with(ports: Ports, logger: Logger): DynamicModule {
    return {
      module: PortsModule,
      global: true,
      providers: [
        { provide: PORTS, useValue: ports },
        { provide: LOGGER, useValue: logger },
      ],
      exports: [PORTS, LOGGER],
    };
  }
}
