import { Module } from '@nestjs/common';
import {
  ChangeTechnicianGroup,
  ChangeTechnicianRole,
  FinishRemovals,
  LeaveBehind,
  ReinstateTechnician,
  RemoveConnection,
  RemoveCustomer,
  RemoveTechnician,
  SetGroupMembers,
  SuspendTechnician,
} from '#core/leaving';
import type { Ports } from './ports.js';
import { useCase } from './use-case.js';

/** Everything by which people, groups, customers and connections go. */
export class Leaving {
  readonly suspend: SuspendTechnician;
  readonly reinstate: ReinstateTechnician;
  readonly remove: RemoveTechnician;
  readonly changeRole: ChangeTechnicianRole;
  readonly changeGroup: ChangeTechnicianGroup;
  readonly setMembers: SetGroupMembers;
  readonly removeConnection: RemoveConnection;
  readonly removeCustomer: RemoveCustomer;
  readonly leaveBehind: LeaveBehind;

  constructor(ports: Ports) {
    this.suspend = new SuspendTechnician(ports);
    this.reinstate = new ReinstateTechnician(ports);
    this.remove = new RemoveTechnician(ports);
    this.changeRole = new ChangeTechnicianRole(ports);
    this.changeGroup = new ChangeTechnicianGroup(ports);
    this.setMembers = new SetGroupMembers(ports);
    this.removeConnection = new RemoveConnection(ports);
    this.removeCustomer = new RemoveCustomer(ports);
    this.leaveBehind = new LeaveBehind(ports);
  }
}

@Module({
  providers: [useCase(FinishRemovals), useCase(Leaving)],
  exports: [FinishRemovals, Leaving],
})
export class LeavingModule {}
