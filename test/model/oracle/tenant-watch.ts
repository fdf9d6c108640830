import { accountMarked } from '#core/accounts';
import { idOf, type AccountId, type Instant, type ObjectId, type SecretBox } from '#core/shared';
import type { FakeTenant } from '#core/testing';
import { ORGANIZATION } from '../world.js';
import type { Sent } from '../processes/network.js';
import type { Span } from './disturbances.js';

type User = Parameters<FakeTenant['onWrite']>[1];

/** Who enabled an account: a call in time, a call that came late, or somebody by hand. */
export type EnabledBy = 'call' | 'late call' | 'hand';

export interface EnabledSpan extends Span {
  readonly by: EnabledBy;
}

/** One object of ours in a tenant, from its making on. */
export interface WatchedObject {
  readonly objectId: ObjectId;
  readonly accountId: AccountId;
  readonly customerId: string;
  readonly tenant: FakeTenant;
  readonly spans: EnabledSpan[];
  enabledSince: { readonly from: Instant; readonly by: EnabledBy } | null;
  /** When somebody last did something to it by hand. */
  touchedAt: Instant;
  /** When a call last wrote to it whose sender had lost its claim. */
  lateAt: Instant;
  exists: boolean;
}

/** Something that concerns one object of ours was written: before it is told, the object is as it was. */
export type Enabling = (object: WatchedObject, user: NonNullable<User>, by: EnabledBy) => void;

/** The tenants' own history of our objects, told by nobody but the tenants. */
export class TenantWatch {
  /** By tenant and object id. */
  readonly objects = new Map<string, WatchedObject>();
  /** The call that a tenant is carrying out; null: what is written now is written by hand. */
  carrying: Sent | null = null;
  onEnabling: Enabling = () => undefined;

  constructor(
    private readonly now: () => Instant,
    private readonly box: SecretBox,
  ) {}

  watch(tenant: FakeTenant, customerId: string): void {
    tenant.onWrite = (objectId, user) => {
      const object =
        this.objects.get(`${tenant.tenantId} ${objectId}`) ?? this.made(tenant, customerId, user);
      if (object !== null) this.take(object, user);
    };
  }

  of(accountId: AccountId): readonly WatchedObject[] {
    return [...this.objects.values()].filter((object) => object.accountId === accountId);
  }

  /** All spans, those that last included. */
  spansOf({ spans, enabledSince }: WatchedObject): readonly EnabledSpan[] {
    return enabledSince === null ? spans : [...spans, { ...enabledSince, to: this.now() }];
  }

  private made(tenant: FakeTenant, customerId: string, user: User): WatchedObject | null {
    if (user?.marker == null) return null;
    const { tenantId } = tenant;
    const { marker, upn } = user;
    const accountId = accountMarked(this.box, { organizationId: ORGANIZATION, tenantId, marker, upn });
    if (accountId === null) return null;
    const object: WatchedObject = {
      objectId: user.objectId,
      accountId: idOf(accountId),
      customerId,
      tenant,
      spans: [],
      enabledSince: null,
      touchedAt: Number.NEGATIVE_INFINITY,
      lateAt: Number.NEGATIVE_INFINITY,
      exists: true,
    };
    this.objects.set(`${tenantId} ${user.objectId}`, object);
    return object;
  }

  private take(object: WatchedObject, user: User): void {
    const now = this.now();
    object.exists = user !== null;
    if (this.carrying === null) object.touchedAt = now;
    else if (this.carrying.isLate()) object.lateAt = now;
    const isEnabled = user?.enabled === true;
    if (isEnabled && user !== null && object.enabledSince === null) {
      const by = this.by();
      this.onEnabling(object, user, by);
      object.enabledSince = { from: now, by };
    } else if (!isEnabled && object.enabledSince !== null) {
      object.spans.push({ ...object.enabledSince, to: now });
      object.enabledSince = null;
    }
  }

  private by(): EnabledBy {
    if (this.carrying === null) return 'hand';
    return this.carrying.isLate() ? 'late call' : 'call';
  }
}
