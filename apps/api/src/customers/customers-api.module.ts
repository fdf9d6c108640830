import { Module } from '@nestjs/common';
import { AccessModule, TenancyModule } from '#composition';
import { CustomerReader } from './customer-reader.js';
import { CustomersController } from './customers.controller.js';
import { RevokerCredentialController } from './revoker-credential.controller.js';

@Module({
  imports: [AccessModule, TenancyModule],
  controllers: [CustomersController, RevokerCredentialController],
  providers: [CustomerReader],
})
export class CustomersApiModule {}
