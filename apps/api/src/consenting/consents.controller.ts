import { Controller, Inject } from '@nestjs/common';
import { routes } from '#contracts';
import { consentingErrors } from '#core/consenting';
import { SECOND } from '#core/shared';
import { presentConnection } from '../customers/present-customer.js';
import { auditActor } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { iso } from '../wire.js';
import { CONSENT_PAGES, redirectUriOf, type ConsentPages } from './consent-pages.js';
import { ConsentReader } from './consent-reader.js';
import { presentConsent } from './present-consent.js';
import { Settling } from './settling.js';

@Controller()
export class ConsentsController {
  constructor(
    private readonly consents: ConsentReader,
    private readonly settling: Settling,
    @Inject(CONSENT_PAGES) private readonly pages: ConsentPages,
  ) {}

  @Endpoint(routes.makeConsentLink)
  async makeConsentLink({ actor, params, body }: CallOf<typeof routes.makeConsentLink>) {
    const at = await this.consents.customer(actor, params.id);
    const redirectUri = redirectUriOf(this.pages);
    if (redirectUri === null) throw consentingErrors.refuse('consent.public_url_missing');
    const { cloud, tenantId = null, domain = null, expiresInSeconds } = body;
    const wish = { cloud, tenantId, domain, ttlMs: expiresInSeconds * SECOND };
    const { consent, state } = await this.settling.make.execute({ ...at, ...wish, actor: auditActor(actor) });
    const { expectedTenantId, clientId, expiresAt } = consent;
    const page = { cloud, tenantId: expectedTenantId, clientId, redirectUri, state: state.expose() };
    const url = this.pages.urlOf(page);
    if (url === null) throw consentingErrors.refuse('consent.cloud_unknown');
    const shown = presentConsent(consent, this.consents.now);
    return { url, redirectUri, expiresAt: iso(expiresAt), consent: shown };
  }

  @Endpoint(routes.getConsent)
  async getConsent({ actor, params }: CallOf<typeof routes.getConsent>) {
    return presentConsent(await this.consents.read(actor, params.id), this.consents.now);
  }

  @Endpoint(routes.confirmConsent)
  async confirmConsent({ actor, params, body }: CallOf<typeof routes.confirmConsent>) {
    const at = await this.consents.customer(actor, params.id);
    return presentConnection(
      await this.settling.confirm.execute({ ...at, ...body, actor: auditActor(actor) }),
    );
  }

  @Endpoint(routes.withdrawConsent)
  async withdrawConsent({ actor, params }: CallOf<typeof routes.withdrawConsent>) {
    const at = await this.consents.customer(actor, params.id);
    const withdrawn = await this.settling.withdraw.execute({ ...at, actor: auditActor(actor) });
    return presentConsent(withdrawn, this.consents.now);
  }
}
