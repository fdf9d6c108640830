import { Module } from '@nestjs/common';
import {
  AuthenticateToken,
  CreateApiToken,
  CreateOrganization,
  CreateTechnician,
  RevokeApiToken,
} from '#core/identity';
import { useCase } from './use-case.js';

@Module({
  providers: [
    useCase(AuthenticateToken),
    useCase(CreateApiToken),
    useCase(CreateOrganization),
    useCase(CreateTechnician),
    useCase(RevokeApiToken),
  ],
  exports: [AuthenticateToken, CreateApiToken, CreateOrganization, CreateTechnician, RevokeApiToken],
})
export class IdentityModule {}
