import { Module } from '@nestjs/common';
import { IdentityModule, LeavingModule } from '#composition';
import { AccountReader } from '../customers/account-reader.js';
import { TechnicianGroupsController } from './technician-groups.controller.js';
import { TechnicianReader } from './technician-reader.js';
import { TechniciansController } from './technicians.controller.js';

@Module({
  imports: [IdentityModule, LeavingModule],
  controllers: [TechnicianGroupsController, TechniciansController],
  providers: [AccountReader, TechnicianReader],
})
export class TechniciansApiModule {}
