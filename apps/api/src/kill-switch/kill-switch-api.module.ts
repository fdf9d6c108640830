import { Module } from '@nestjs/common';
import { GrantsModule } from '#composition';
import { KillSwitchReader } from './kill-switch-reader.js';
import { KillSwitchController } from './kill-switch.controller.js';

@Module({
  imports: [GrantsModule],
  controllers: [KillSwitchController],
  providers: [KillSwitchReader],
})
export class KillSwitchApiModule {}
