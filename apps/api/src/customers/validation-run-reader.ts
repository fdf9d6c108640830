import { Inject, Injectable } from '@nestjs/common';
import { PORTS, type Ports } from '#composition';
import type { Actor } from '#core/identity';
import { idOf, type CustomerId } from '#core/shared';
import type { ValidationLine, ValidationLineState, ValidationRunProgress } from '#core/tenancy';
import { validatingErrors } from '#core/validating';

/** Validation runs of the actor's organization. */
@Injectable()
export class ValidationRunReader {
  constructor(@Inject(PORTS) private readonly ports: Ports) {}

  /** Throws `validation_run.not_found`. */
  async progress(actor: Actor, id: string): Promise<ValidationRunProgress> {
    const { unitOfWork, clock } = this.ports;
    const known = await unitOfWork.inOrganization(actor.organizationId, ({ validationRuns }) =>
      validationRuns.progress(idOf(id), clock.now()),
    );
    if (known === null) throw validatingErrors.refuse('validation_run.not_found');
    return known;
  }

  /** Throws `validation_run.not_found`. */
  lines(
    actor: Actor,
    id: string,
    query: {
      readonly cursor?: string | undefined;
      readonly limit: number;
      readonly state?: ValidationLineState | undefined;
    },
  ): Promise<readonly ValidationLine[]> {
    const { unitOfWork, clock } = this.ports;
    const { cursor, limit, state } = query;
    const after: CustomerId | null = cursor === undefined ? null : idOf(cursor);
    const page = { after, limit, ...(state === undefined ? {} : { state }) };
    return unitOfWork.inOrganization(actor.organizationId, async ({ validationRuns }) => {
      const run = await validationRuns.get(idOf(id));
      if (run === null) throw validatingErrors.refuse('validation_run.not_found');
      return validationRuns.lines(run.id, page, clock.now());
    });
  }
}
