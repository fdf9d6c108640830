import { Module } from '@nestjs/common';
import {
  AuthenticateToken,
  CreateApiToken,
  CreateOrganization,
  CreateTechnician,
  CreateTechnicianGroup,
  RevokeApiToken,
} from '#core/identity';
import { useCase } from './use-case.js';

@Module({
  providers: [
    useCase(AuthenticateToken),
    useCase(CreateApiToken),
    useCase(CreateOrganization),
    useCase(CreateTechnician),
    useCase(CreateTechnicianGroup),
    useCase(RevokeApiToken),
  ],
  exports: [
    AuthenticateToken,
    CreateApiToken,
    CreateOrganization,
    CreateTechnician,
    CreateTechnicianGroup,
    RevokeApiToken,
  ],
})
export class IdentityModule {}
