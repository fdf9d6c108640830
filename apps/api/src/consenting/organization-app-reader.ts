import { Inject, Injectable } from '@nestjs/common';
import { PORTS, type Ports } from '#composition';
import type { OrganizationAppOut } from '#contracts';
import { consentingErrors } from '#core/consenting';
import type { Actor } from '#core/identity';
import type { Cloud, OrganizationApp } from '#core/tenancy';
import { CONSENT_PAGES, redirectUriOf, type ConsentPages } from './consent-pages.js';
import { presentOrganizationApp } from './present-organization-app.js';

/** What is known of the organization's own app, and how many customers use it. */
@Injectable()
export class OrganizationAppReader {
  constructor(
    @Inject(PORTS) private readonly ports: Ports,
    @Inject(CONSENT_PAGES) private readonly pages: ConsentPages,
  ) {}

  /** Throws `organization_app.not_found`. */
  read({ organizationId }: Actor, cloud: Cloud): Promise<OrganizationAppOut> {
    return this.ports.unitOfWork.inOrganization(organizationId, async ({ organizationApps }) => {
      const app = await organizationApps.inCloud(cloud);
      if (app?.state !== 'active') throw consentingErrors.refuse('organization_app.not_found');
      return this.present(app, await organizationApps.countUsers(app.id));
    });
  }

  present(app: OrganizationApp, customers: number): OrganizationAppOut {
    return presentOrganizationApp(app, { customers, redirectUri: redirectUriOf(this.pages) });
  }
}
