import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { RevealCredentials } from '#core/convergence';
import { auditActor } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { GrantReader } from './grant-reader.js';
import { patiently } from './patiently.js';
import { presentCredentials } from './present-credentials.js';

@Controller()
export class CredentialsController {
  constructor(
    private readonly grants: GrantReader,
    private readonly reveal: RevealCredentials,
  ) {}

  @Endpoint(routes.revealCredentials)
  async revealCredentials({ actor, params }: CallOf<typeof routes.revealCredentials>) {
    const { grant } = await this.grants.one(actor, params.id, 'grant:reveal');
    const { organizationId, technicianId } = actor;
    const command = { organizationId, technicianId, grantId: grant.id, actor: auditActor(actor) };
    return presentCredentials(await patiently(() => this.reveal.execute(command)));
  }
}
