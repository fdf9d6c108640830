import { Module } from '@nestjs/common';
import { AccessModule, ConsentingModule, LeavingModule, TenancyModule, ValidatingModule } from '#composition';
import { AccountReader } from './account-reader.js';
import { Connecting } from './connecting.js';
import { CustomerHealthReader } from './customer-health-reader.js';
import { CustomerHealthController } from './customer-health.controller.js';
import { CustomerImportsController } from './customer-imports.controller.js';
import { CustomerReader } from './customer-reader.js';
import { CustomersController } from './customers.controller.js';
import { DirectoryController } from './directory.controller.js';
import { PendingCertificateController } from './pending-certificate.controller.js';
import { PendingCertificates } from './pending-certificates.js';
import { RemovalsController } from './removals.controller.js';
import { RevokerCredentialController } from './revoker-credential.controller.js';
import { ValidationRunReader } from './validation-run-reader.js';
import { ValidationRunsController } from './validation-runs.controller.js';
import { ValidationController } from './validation.controller.js';

@Module({
  imports: [AccessModule, ConsentingModule, LeavingModule, TenancyModule, ValidatingModule],
  controllers: [
    CustomerHealthController,
    CustomerImportsController,
    CustomersController,
    DirectoryController,
    PendingCertificateController,
    RemovalsController,
    RevokerCredentialController,
    ValidationController,
    ValidationRunsController,
  ],
  providers: [
    PendingCertificates,
    AccountReader,
    Connecting,
    CustomerHealthReader,
    CustomerReader,
    ValidationRunReader,
  ],
})
export class CustomersApiModule {}
