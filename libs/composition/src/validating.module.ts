import { Module, type FactoryProvider } from '@nestjs/common';
import {
  BeginValidationRun,
  CancelValidationRun,
  RunCanary,
  ValidateClaimed,
  ValidateCustomer,
  ValidationSweep,
} from '#core/validating';
import { PORTS, type Ports } from './ports.js';
import { useCase } from './use-case.js';

const validationSweep: FactoryProvider<ValidationSweep> = {
  provide: ValidationSweep,
  useFactory: (ports: Ports, validate: ValidateCustomer) =>
    new ValidationSweep(ports, new ValidateClaimed(ports, validate)),
  inject: [PORTS, ValidateCustomer],
};

@Module({
  providers: [
    useCase(BeginValidationRun),
    useCase(CancelValidationRun),
    useCase(RunCanary),
    useCase(ValidateCustomer),
    validationSweep,
  ],
  exports: [BeginValidationRun, CancelValidationRun, RunCanary, ValidateCustomer, ValidationSweep],
})
export class ValidatingModule {}
