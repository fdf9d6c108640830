import { Module } from '@nestjs/common';
import { EndGrant, ExtendGrant, LiftHold, PullKillSwitch, ReachHolds } from '#core/grants';
import { useCase } from './use-case.js';

@Module({
  providers: [
    useCase(EndGrant),
    useCase(ExtendGrant),
    useCase(LiftHold),
    useCase(PullKillSwitch),
    useCase(ReachHolds),
  ],
  exports: [EndGrant, ExtendGrant, LiftHold, PullKillSwitch, ReachHolds],
})
export class GrantsModule {}
