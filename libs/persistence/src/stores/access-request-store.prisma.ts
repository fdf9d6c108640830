import type { AccessRequest, AccessRequestState, AccessRequestStore } from '#core/access';
import { idOf, type RequestId, type TechnicianId } from '#core/shared';
import type { AccessRequestModel } from '../generated/models.js';
import { dateOf, dateOrNull, instantOf, instantOrNull, oneOf } from '../reading.js';
import type { Session } from '../session.js';

const state = oneOf<AccessRequestState>('requested', 'approved', 'denied', 'cancelled', 'stale');

export class PrismaAccessRequestStore implements AccessRequestStore {
  constructor(private readonly session: Session) {}

  insert(request: AccessRequest): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.accessRequest.create({ data: toRow(request) });
    });
  }

  get(id: RequestId): Promise<AccessRequest | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.accessRequest.findUnique({ where: { organizationId_id: { organizationId, id } } });
      return row === null ? null : fromRow(row);
    });
  }

  list(filter: {
    readonly technicianId?: TechnicianId;
    readonly after: RequestId | null;
    readonly limit: number;
  }): Promise<readonly AccessRequest[]> {
    const { technicianId, after } = filter;
    return this.session.run(async (tx) => {
      const rows = await tx.accessRequest.findMany({
        where: {
          organizationId: this.session.organizationId,
          ...(technicianId === undefined ? {} : { technicianId }),
          ...(after === null ? {} : { id: { lt: after } }),
        },
        orderBy: { id: 'desc' },
        take: filter.limit,
      });
      return rows.map(fromRow);
    });
  }

  setState(id: RequestId, from: AccessRequestState, to: AccessRequestState): Promise<boolean> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const { count } = await tx.accessRequest.updateMany({
        where: { organizationId, id, state: from },
        data: { state: to },
      });
      return count === 1;
    });
  }
}

const toRow = (request: AccessRequest): AccessRequestModel => ({
  organizationId: request.organizationId,
  id: request.id,
  customerId: request.customerId,
  technicianId: request.technicianId,
  policyId: request.policyId,
  policyVersion: request.policyVersion,
  durationSeconds: request.durationSeconds,
  startsAt: dateOrNull(request.startsAt),
  reason: request.reason,
  ticket: request.ticket,
  state: request.state,
  grantId: request.grantId,
  createdAt: dateOf(request.createdAt),
});

const fromRow = (row: AccessRequestModel): AccessRequest => ({
  organizationId: idOf(row.organizationId),
  id: idOf(row.id),
  customerId: idOf(row.customerId),
  technicianId: idOf(row.technicianId),
  policyId: idOf(row.policyId),
  policyVersion: row.policyVersion,
  durationSeconds: row.durationSeconds,
  startsAt: instantOrNull(row.startsAt),
  reason: row.reason,
  ticket: row.ticket,
  state: state(row.state, 'access_request.state'),
  grantId: row.grantId === null ? null : idOf(row.grantId),
  createdAt: instantOf(row.createdAt),
});
