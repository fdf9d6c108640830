import { Module, type DynamicModule } from '@nestjs/common';
import { ConsentingModule } from '#composition';
import { CustomerReader } from '../customers/customer-reader.js';
import { ConsentCallbackController } from './consent-callback.controller.js';
import { CONSENT_PAGES, type ConsentPages } from './consent-pages.js';
import { ConsentReader } from './consent-reader.js';
import { ConsentsController } from './consents.controller.js';
import { OrganizationAppReader } from './organization-app-reader.js';
import { OrganizationAppController } from './organization-app.controller.js';
import { Settling } from './settling.js';
import { Turnstile } from './turnstile.js';

@Module({})
export class ConsentingApiModule {
  static with(pages: ConsentPages): DynamicModule {
    return {
      module: ConsentingApiModule,
      imports: [ConsentingModule],
      controllers: [ConsentCallbackController, ConsentsController, OrganizationAppController],
      providers: [
        ConsentReader,
        CustomerReader,
        OrganizationAppReader,
        Settling,
        { provide: Turnstile, useFactory: () => new Turnstile(() => performance.now()) },
        { provide: CONSENT_PAGES, useValue: pages },
      ],
    };
  }
}
