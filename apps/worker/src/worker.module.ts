import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import {
  ConsentingModule,
  ConvergenceModule,
  GrantsModule,
  LeavingModule,
  PortsModule,
  ValidatingModule,
  ProvingModule,
  type Ports,
} from '#composition';
import type { Logger } from '#platform';
import { BellsSweep } from './sweeps/bells.sweep.js';
import { ConsentsSweep } from './sweeps/consents.sweep.js';
import { CanariesSweep } from './sweeps/canaries.sweep.js';
import { DriftSweep } from './sweeps/drift.sweep.js';
import { DueSweep } from './sweeps/due.sweep.js';
import { ON_LOOK } from './sweeps/on-look.js';
import { HoldsSweep } from './sweeps/holds.sweep.js';
import { RemovalsSweep } from './sweeps/removals.sweep.js';
import { ValidationsSweep } from './sweeps/validations.sweep.js';
import {
  Prompt,
  RecurringWork,
  Sweeps,
  SWEEP_SETTINGS,
  Upkeep,
  Watched,
  type SweepSettings,
} from './sweeps/sweeps.js';

export interface WorkerOptions {
  readonly ports: Ports;
  readonly logger: Logger;
  readonly sweeps: SweepSettings;
}

@Module({})
export class WorkerModule {
  static with({ ports, logger, sweeps }: WorkerOptions): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        PortsModule.with(ports, logger),
        ConsentingModule,
        ConvergenceModule,
        GrantsModule,
        LeavingModule,
        ValidatingModule,
        ProvingModule,
        ScheduleModule.forRoot(),
      ],
      providers: [
        BellsSweep,
        ConsentsSweep,
        CanariesSweep,
        DriftSweep,
        DueSweep,
        HoldsSweep,
        RemovalsSweep,
        ValidationsSweep,
        RecurringWork,
        Prompt,
        Upkeep,
        Watched,
        Sweeps,
        { provide: SWEEP_SETTINGS, useValue: sweeps },
        { provide: ON_LOOK, useValue: sweeps.onLook },
      ],
    };
  }
}
