import type { AuditStores } from '#core/audit';
import {
  SEALED_COLUMNS,
  type Clock,
  type OrganizationId,
  type Resealed,
  type SealedColumn,
  type SealedPlace,
  type SealedStores,
  type SealedValue,
  type SecretBox,
  type UnitOfWork,
} from '#core/shared';
import { eachOrganization } from './each-organization.js';

export interface ResealPorts {
  /** By a role that may read and write what is sealed, and nothing else. */
  readonly sealed: UnitOfWork<SealedStores>;
  /** By which the audit log is written, and organizations are found. */
  readonly unitOfWork: UnitOfWork<AuditStores>;
  readonly box: SecretBox;
  readonly clock: Clock;
}

/** What one pass over everything came to. */
export interface ResealPass {
  /** Sealed anew. */
  readonly resealed: number;
  /** Changed, or held by somebody, at that moment: for the next pass. */
  readonly left: number;
  /** Values that no key of the ring opens: left as they are, and `MOST_NAMED` of them named. */
  readonly unreadable: number;
  readonly named: readonly SealedPlace[];
}

/** Small enough that nobody waits for it, and that a kill loses nothing worth speaking of. */
const BATCH = 100;
/** More places than these nobody reads. */
const MOST_NAMED = 20;
const NOTHING: ResealPass = { resealed: 0, left: 0, unreadable: 0, named: [] };

/**
 * Seals anew, under the key that seals now, whatever stands under another one: the same value in the same place, of the same
 * version. A batch is read, and each text put back only where the one that was read still stands: who exchanges a credential or
 * a password at the same moment wins. It keeps no books: begun again, it passes over what is done.
 */
export class ResealValues {
  constructor(private readonly ports: ResealPorts) {}

  /** One pass over all organizations, telling after each batch that changed something what it has come to. */
  async pass(tell: (soFar: ResealPass) => void): Promise<ResealPass> {
    let total = NOTHING;
    for await (const organizationId of eachOrganization(this.ports.unitOfWork.clockwork)) {
      const before = total.resealed;
      for await (const batch of this.batchesOf(organizationId)) {
        total = together(total, batch);
        tell(total);
      }
      if (total.resealed > before) await this.audit(organizationId, total.resealed - before);
    }
    return total;
  }

  /** Those in which there was something to do. */
  private async *batchesOf(organizationId: OrganizationId): AsyncGenerator<ResealPass> {
    for (const column of SEALED_COLUMNS)
      for await (const batch of this.batches(organizationId, column)) if (batch !== NOTHING) yield batch;
  }

  private async *batches(organizationId: OrganizationId, column: SealedColumn): AsyncGenerator<ResealPass> {
    for (let after: string | null = null; ;) {
      const page: readonly SealedValue[] = await this.ports.sealed.inOrganization(
        organizationId,
        ({ sealed }) => sealed.page(column, { after, limit: BATCH }),
      );
      yield await this.reseal(organizationId, column, page);
      if (page.length < BATCH) return;
      after = page.at(-1)?.place.rowId ?? null;
    }
  }

  private async reseal(
    organizationId: OrganizationId,
    column: SealedColumn,
    page: readonly SealedValue[],
  ): Promise<ResealPass> {
    const { box, sealed: unitOfWork } = this.ports;
    const older = page.filter(({ text }) => box.keyOf(text) !== box.sealingKey);
    if (older.length === 0) return NOTHING;
    const anew = older.map((value) => this.anew(value));
    const opened = anew.flatMap((each) => each ?? []);
    const resealed =
      opened.length === 0
        ? 0
        : await unitOfWork.inOrganization(organizationId, ({ sealed }) => sealed.replace(column, opened));
    const unreadable = older.filter((_, index) => anew[index] === null);
    return {
      resealed,
      left: opened.length - resealed,
      unreadable: unreadable.length,
      named: unreadable.map(({ place }) => place),
    };
  }

  /** Null: it can't be opened. */
  private anew({ place, text }: SealedValue): Resealed | null {
    const { box } = this.ports;
    try {
      return { rowId: place.rowId, before: text, after: box.seal(box.open(text, place), place) };
    } catch {
      return null;
    }
  }

  private audit(organizationId: OrganizationId, values: number): Promise<void> {
    const { unitOfWork, clock, box } = this.ports;
    return unitOfWork.inOrganization(organizationId, ({ audit }) =>
      audit.append([
        {
          organizationId,
          at: clock.now(),
          actor: { kind: 'console' },
          action: 'organization.resealed',
          subject: { kind: 'organization', id: organizationId },
          customerId: null,
          details: { key: box.sealingKey, values },
        },
      ]),
    );
  }
}

const together = (one: ResealPass, other: ResealPass): ResealPass => ({
  resealed: one.resealed + other.resealed,
  left: one.left + other.left,
  unreadable: one.unreadable + other.unreadable,
  named: [...one.named, ...other.named].slice(0, MOST_NAMED),
});
