import { Module } from '@nestjs/common';
import { ConvergenceModule, GrantsModule } from '#composition';
import { CredentialsController } from './credentials.controller.js';
import { GrantReader } from './grant-reader.js';
import { GrantsController } from './grants.controller.js';

@Module({
  imports: [ConvergenceModule, GrantsModule],
  controllers: [CredentialsController, GrantsController],
  providers: [GrantReader],
})
export class GrantsApiModule {}
