import { Module } from '@nestjs/common';
import {
  CancelAccessRequest,
  ChangeAccessPolicy,
  ChangeRoleCeiling,
  ConnectCustomer,
  CreateAccessPolicy,
  ReadCatalogue,
  RemoveRevokerCredential,
  RequestAccess,
  SetRevokerCredential,
} from '#core/access';
import { useCase } from './use-case.js';

@Module({
  providers: [
    useCase(CancelAccessRequest),
    useCase(ChangeAccessPolicy),
    useCase(ChangeRoleCeiling),
    useCase(ConnectCustomer),
    useCase(CreateAccessPolicy),
    useCase(ReadCatalogue),
    useCase(RemoveRevokerCredential),
    useCase(RequestAccess),
    useCase(SetRevokerCredential),
  ],
  exports: [
    CancelAccessRequest,
    ChangeAccessPolicy,
    ChangeRoleCeiling,
    ConnectCustomer,
    CreateAccessPolicy,
    ReadCatalogue,
    RemoveRevokerCredential,
    RequestAccess,
    SetRevokerCredential,
  ],
})
export class AccessModule {}
