import { Module } from '@nestjs/common';
import { ValidateCustomer } from '#core/validating';
import { useCase } from './use-case.js';

@Module({ providers: [useCase(ValidateCustomer)], exports: [ValidateCustomer] })
export class ValidatingModule {}
