import { Module } from '@nestjs/common';
import { AccessModule, LeavingModule, TenancyModule } from '#composition';
import { AccountReader } from './account-reader.js';
import { CustomerReader } from './customer-reader.js';
import { CustomersController } from './customers.controller.js';
import { RemovalsController } from './removals.controller.js';
import { RevokerCredentialController } from './revoker-credential.controller.js';

@Module({
  imports: [AccessModule, LeavingModule, TenancyModule],
  controllers: [CustomersController, RemovalsController, RevokerCredentialController],
  providers: [AccountReader, CustomerReader],
})
export class CustomersApiModule {}
