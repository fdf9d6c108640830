import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, DiscoveryModule } from '@nestjs/core';
import { IdentityModule, PortsModule, type Ports } from '#composition';
import type { Logger } from '#platform';
import { AccessApiModule } from './access/access-api.module.js';
import { AlarmsController } from './alarms/alarms.controller.js';
import { AuditEventsController } from './audit/audit-events.controller.js';
import { ConsentingApiModule } from './consenting/consenting-api.module.js';
import type { ConsentPages } from './consenting/consent-pages.js';
import { CustomersApiModule } from './customers/customers-api.module.js';
import { GrantsApiModule } from './grants/grants-api.module.js';
import { ANSWERS, HealthController } from './health/health.controller.js';
import { KillSwitchApiModule } from './kill-switch/kill-switch-api.module.js';
import { ProblemFilter } from './http/problem-filter.js';
import { RouteCheck } from './http/route-check.js';
import { RouteGuard } from './http/route-guard.js';
import { CHECK_REPLIES, RouteInterceptor } from './http/route-interceptor.js';
import { TechniciansApiModule } from './technicians/technicians-api.module.js';

export interface ApiOptions {
  readonly ports: Ports;
  readonly logger: Logger;
  /** Whether the database answers. */
  readonly answers: () => Promise<boolean>;
  readonly bodyLimitBytes: number;
  readonly consentPages: ConsentPages;
  /** Holds each answer against its schema: everywhere but in production. */
  readonly checkReplies: boolean;
}

@Module({})
export class ApiModule {
  static with({ ports, logger, answers, checkReplies, consentPages }: ApiOptions): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        PortsModule.with(ports, logger),
        DiscoveryModule,
        IdentityModule,
        AccessApiModule,
        ConsentingApiModule.with(consentPages),
        CustomersApiModule,
        GrantsApiModule,
        TechniciansApiModule,
        KillSwitchApiModule,
      ],
      controllers: [AlarmsController, AuditEventsController, HealthController],
      providers: [
        RouteCheck,
        { provide: ANSWERS, useValue: answers },
        { provide: CHECK_REPLIES, useValue: checkReplies },
        { provide: APP_GUARD, useClass: RouteGuard },
        { provide: APP_INTERCEPTOR, useClass: RouteInterceptor },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
