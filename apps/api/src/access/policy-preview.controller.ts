import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { PreviewAccessPolicy } from '#core/access';
import { idOf } from '#core/shared';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { AccessPolicyReader } from './access-policy-reader.js';
import { changedTerms } from './present-access-policy.js';
import { presentPreview, presentReach } from './present-policy-reach.js';

const NOTHING_KEPT = { allowedHours: null, ticketPatterns: [] };

@Controller()
export class PolicyPreviewController {
  constructor(
    private readonly policies: AccessPolicyReader,
    private readonly preview: PreviewAccessPolicy,
  ) {}

  @Endpoint(routes.previewAccessPolicy)
  async previewAccessPolicy({ actor, body, query }: CallOf<typeof routes.previewAccessPolicy>) {
    const { organizationId } = actor;
    const { policyId, customerId: named, state } = body;
    const known = policyId === null ? null : await this.policies.one(actor, policyId, 'access-policy:write');
    const terms = changedTerms(body, known ?? NOTHING_KEPT);
    const customerId = named === null ? null : idOf<'customer'>(named);
    const command = { organizationId, policyId: known?.id ?? null, customerId, terms, state };
    return presentPreview(await this.preview.execute(command), query);
  }

  @Endpoint(routes.getAccessPolicyReach)
  async getAccessPolicyReach({ actor, params, query }: CallOf<typeof routes.getAccessPolicyReach>) {
    const policy = await this.policies.one(actor, params.id);
    return presentReach(await this.policies.preview(policy), query);
  }
}
