import { Module } from '@nestjs/common';
import { AccessModule, TenancyModule } from '#composition';
import { CustomerReader } from './customer-reader.js';
import { CustomersController } from './customers.controller.js';

@Module({
  imports: [AccessModule, TenancyModule],
  controllers: [CustomersController],
  providers: [CustomerReader],
})
export class CustomersApiModule {}
