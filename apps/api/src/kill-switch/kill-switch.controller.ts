import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { CLOSING_STATES, LiftHold, PullKillSwitch, type HoldScope } from '#core/grants';
import { identityErrors, may, type Actor } from '#core/identity';
import { idOf } from '#core/shared';
import { auditActor } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { pageOf } from '../wire.js';
import { KillSwitchReader, type HoldProgress } from './kill-switch-reader.js';
import { presentByHand, presentClosing, presentKillSwitch, presentTally } from './present-kill-switch.js';

/** Of what a pull answers; more is asked for by GET. */
const FIRST_PAGE = 50;

@Controller()
export class KillSwitchController {
  constructor(
    private readonly reader: KillSwitchReader,
    private readonly pull: PullKillSwitch,
    private readonly lift: LiftHold,
  ) {}

  @Endpoint(routes.pullKillSwitch)
  async pullKillSwitch({ actor, body, idempotency }: CallOf<typeof routes.pullKillSwitch>) {
    const scope = scopeOf(body);
    requireMayPull(actor, scope);
    const hold = await this.pull.execute({
      organizationId: actor.organizationId,
      scope,
      reason: body.reason ?? UNSAID,
      actor: auditActor(actor),
      idempotency,
    });
    const limit = FIRST_PAGE;
    const progress = presentProgress(await this.reader.closing(hold, CLOSING_STATES, { limit }), limit);
    return this.reader.mayRead(actor, hold) ? progress : { ...progress, ...UNTOLD };
  }

  @Endpoint(routes.listKillSwitches)
  async listKillSwitches({ actor, query }: CallOf<typeof routes.listKillSwitches>) {
    const { limit } = query;
    const holds = await this.reader.page(actor, query);
    return pageOf(holds, { limit, present: presentKillSwitch, cursor: ({ id }) => id });
  }

  @Endpoint(routes.getKillSwitch)
  async getKillSwitch({ actor, params, query }: CallOf<typeof routes.getKillSwitch>) {
    return presentProgress(await this.reader.progress(actor, params.id, query), query.limit);
  }

  @Endpoint(routes.listByHand)
  async listByHand({ actor, params, query }: CallOf<typeof routes.listByHand>) {
    const { accounts } = await this.reader.unfinished(actor, params.id, query);
    const { limit } = query;
    return pageOf(accounts, { limit, present: presentByHand, cursor: ({ accountId }) => accountId });
  }

  @Endpoint(routes.liftKillSwitch)
  async liftKillSwitch({ actor, params }: CallOf<typeof routes.liftKillSwitch>) {
    const { organizationId } = actor;
    const command = { organizationId, holdId: idOf<'hold'>(params.id), actor: auditActor(actor) };
    return presentKillSwitch(await this.lift.execute(command));
  }
}

/** Of a hold that somebody else has placed: whoever pulls it for themselves learns that it stands, and not why. */
const UNTOLD = { reason: null, placedBy: null, liftedBy: null };

const UNSAID = 'No reason was given.';

const scopeOf = (body: CallOf<typeof routes.pullKillSwitch>['body']): HoldScope => {
  switch (body.scope) {
    case 'technician':
      return { kind: 'technician', technicianId: idOf(body.technicianId) };
    case 'customer':
      return { kind: 'customer', customerId: idOf(body.customerId) };
    case 'organization':
      return { kind: 'organization' };
  }
};

const requireMayPull = (actor: Actor, scope: HoldScope): void => {
  const permission = 'kill-switch:pull';
  const owner = scope.kind === 'technician' ? { ownerId: scope.technicianId } : {};
  const subject = { organizationId: actor.organizationId, ...owner };
  if (!may(actor, permission, subject).allowed)
    throw identityErrors.refuse('permission.missing', { permission });
};

const presentProgress = (progress: HoldProgress, limit: number) => ({
  ...presentKillSwitch(progress.hold),
  accounts: presentTally(progress.tally),
  ...pageOf(progress.accounts, { limit, present: presentClosing, cursor: ({ accountId }) => accountId }),
});
