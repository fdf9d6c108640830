import { Module } from '@nestjs/common';
import { EndGrant, ExtendGrant, LiftHold, PullKillSwitch } from '#core/grants';
import { useCase } from './use-case.js';

@Module({
  providers: [useCase(EndGrant), useCase(ExtendGrant), useCase(LiftHold), useCase(PullKillSwitch)],
  exports: [EndGrant, ExtendGrant, LiftHold, PullKillSwitch],
})
export class GrantsModule {}
