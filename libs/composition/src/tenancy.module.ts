import { Module } from '@nestjs/common';
import { CreateCustomer, ImportCustomers } from '#core/tenancy';
import { useCase } from './use-case.js';

@Module({
  providers: [useCase(CreateCustomer), useCase(ImportCustomers)],
  exports: [CreateCustomer, ImportCustomers],
})
export class TenancyModule {}
