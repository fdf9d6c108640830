import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { ChangeAccessPolicy, CreateAccessPolicy, type AccessPolicy } from '#core/access';
import type { Actor } from '#core/identity';
import { idOf } from '#core/shared';
import { auditActor } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { orNewer } from '../http/newer-instead.js';
import { pageOf } from '../wire.js';
import { AccessPolicyReader } from './access-policy-reader.js';
import { changedTerms, presentAccessPolicy, termsOf, type SeenPolicy } from './present-access-policy.js';

@Controller()
export class AccessPoliciesController {
  constructor(
    private readonly policies: AccessPolicyReader,
    private readonly create: CreateAccessPolicy,
    private readonly change: ChangeAccessPolicy,
  ) {}

  @Endpoint(routes.createAccessPolicy)
  async createAccessPolicy({ actor, body, idempotency }: CallOf<typeof routes.createAccessPolicy>) {
    const { organizationId } = actor;
    const customerId = body.customerId === null ? null : idOf<'customer'>(body.customerId);
    const by = { organizationId, actor: auditActor(actor), idempotency };
    return this.written(actor, await this.create.execute({ ...by, customerId, terms: termsOf(body) }));
  }

  @Endpoint(routes.listAccessPolicies)
  async listAccessPolicies({ actor, query }: CallOf<typeof routes.listAccessPolicies>) {
    const policies = await this.policies.seen(
      actor,
      await this.policies.page(actor, query),
      query.customerId,
    );
    const cursor = ({ policy }: SeenPolicy) => policy.id;
    return pageOf(policies, { limit: query.limit, present: presentAccessPolicy, cursor });
  }

  @Endpoint(routes.getAccessPolicy)
  async getAccessPolicy({ actor, params }: CallOf<typeof routes.getAccessPolicy>) {
    return this.presented(actor, await this.policies.one(actor, params.id));
  }

  @Endpoint(routes.changeAccessPolicy)
  async changeAccessPolicy({ actor, params, body }: CallOf<typeof routes.changeAccessPolicy>) {
    const known = await this.policies.one(actor, params.id, 'access-policy:write');
    const { organizationId, id } = known;
    const { version, state } = body;
    const by = { organizationId, policyId: id, actor: auditActor(actor) };
    const changing = this.change.execute({ ...by, version, state, terms: changedTerms(body, known) });
    const read = async () => this.written(actor, await this.policies.one(actor, id));
    const changed = await orNewer(changing, { code: 'access_policy.changed_meanwhile', read });
    return this.written(actor, changed);
  }

  /** With what whoever wrote it should know. */
  private async written(actor: Actor, policy: AccessPolicy) {
    const { warnings } = await this.policies.preview(policy);
    return { ...(await this.presented(actor, policy)), warnings: [...warnings] };
  }

  private async presented(actor: Actor, policy: AccessPolicy) {
    const [seen] = await this.policies.seen(actor, [policy]);
    return presentAccessPolicy(seen ?? { policy, overriddenBy: null, usable: false, withheld: [] });
  }
}
