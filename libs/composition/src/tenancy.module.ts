import { Module } from '@nestjs/common';
import { CreateCustomer } from '#core/tenancy';
import { useCase } from './use-case.js';

@Module({ providers: [useCase(CreateCustomer)], exports: [CreateCustomer] })
export class TenancyModule {}
