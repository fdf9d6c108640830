import { Module } from '@nestjs/common';
import { ConsentingModule } from '#composition';
import { OrganizationAppReader } from './organization-app-reader.js';
import { OrganizationAppController } from './organization-app.controller.js';

@Module({
  imports: [ConsentingModule],
  controllers: [OrganizationAppController],
  providers: [OrganizationAppReader],
})
export class ConsentingApiModule {}
