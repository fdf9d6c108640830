import { Inject, Injectable } from '@nestjs/common';
import { PORTS, type Ports } from '#composition';
import {
  CLOSING_STATES,
  holdErrors,
  UNFINISHED,
  type ClosingAccount,
  type ClosingState,
  type Hold,
  type Tally,
} from '#core/grants';
import { may, seesAll, type Actor } from '#core/identity';
import { idOf } from '#core/shared';

interface Page {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** A hold with how far it is, and a page of its accounts. */
export interface HoldProgress {
  readonly hold: Hold;
  readonly tally: Tally;
  readonly accounts: readonly ClosingAccount[];
}

/** Holds as far as the actor may see them: those who see only their own see those that they placed. */
@Injectable()
export class KillSwitchReader {
  constructor(@Inject(PORTS) private readonly ports: Ports) {}

  /** Throws `hold.not_found`. */
  async progress(
    actor: Actor,
    id: string,
    { state, ...page }: Page & { readonly state?: ClosingState | undefined },
  ): Promise<HoldProgress> {
    return this.closing(await this.one(actor, id), state === undefined ? CLOSING_STATES : [state], page);
  }

  /** What is left. Throws `hold.not_found`. */
  async unfinished(actor: Actor, id: string, page: Page): Promise<HoldProgress> {
    return this.closing(await this.one(actor, id), UNFINISHED, page);
  }

  page(
    actor: Actor,
    { which, cursor, limit }: Page & { readonly which: 'standing' | 'all' },
  ): Promise<readonly Hold[]> {
    return this.ports.unitOfWork.inOrganization(actor.organizationId, ({ holds }) =>
      holds.list({
        which,
        ...(seesAll(actor.role, 'kill-switch:read') ? {} : { placedBy: actor.technicianId }),
        after: cursor === undefined ? null : idOf(cursor),
        limit,
      }),
    );
  }

  /** How far a hold is that the actor has to do with anyhow. */
  closing(hold: Hold, states: readonly ClosingState[], { cursor, limit }: Page): Promise<HoldProgress> {
    const { clock, unitOfWork } = this.ports;
    return unitOfWork.inOrganization(hold.organizationId, async ({ holds }) => ({
      hold,
      tally: await holds.tally(hold),
      accounts: await holds.closing(hold, {
        states,
        after: cursor === undefined ? null : idOf(cursor),
        limit,
        now: clock.now(),
      }),
    }));
  }

  /** Those who see only their own see those that they placed. */
  mayRead(actor: Actor, { organizationId, placedBy }: Hold): boolean {
    const owner = placedBy.kind === 'technician' ? { ownerId: idOf<'technician'>(placedBy.id) } : {};
    return may(actor, 'kill-switch:read', { organizationId, ...owner }).allowed;
  }

  private async one(actor: Actor, id: string): Promise<Hold> {
    const notFound = holdErrors.refuse('hold.not_found');
    const hold = await this.ports.unitOfWork.inOrganization(actor.organizationId, ({ holds }) =>
      holds.get(idOf(id)),
    );
    if (hold === null || !this.mayRead(actor, hold)) throw notFound;
    return hold;
  }
}
