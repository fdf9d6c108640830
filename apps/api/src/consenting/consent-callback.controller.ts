import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { TellConsent } from '#core/consenting';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { requestErrors } from '../http/request.errors.js';
import { consentPageOf } from './consent-html.js';
import { Turnstile } from './turnstile.js';

/** For people who come back from Entra, and for whoever else finds the address. */
@Controller()
export class ConsentCallbackController {
  constructor(
    private readonly turnstile: Turnstile,
    private readonly tell: TellConsent,
  ) {}

  @Endpoint(routes.consentCallback)
  async consentCallback({ query }: CallOf<typeof routes.consentCallback>) {
    const { state, tenant, error, admin_consent: adminConsent, error_description: errorDescription } = query;
    if (state === undefined) return consentPageOf('no_link');
    // The link stays good: whoever is turned back here loads the page once more.
    if (!this.turnstile.pass()) throw requestErrors.refuse('request.too_many');
    return consentPageOf(await this.tell.execute({ state, tenant, adminConsent, error, errorDescription }));
  }
}
