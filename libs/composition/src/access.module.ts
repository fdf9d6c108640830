import { Module } from '@nestjs/common';
import {
  CancelAccessRequest,
  ChangeAccessPolicy,
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
    ConnectCustomer,
    CreateAccessPolicy,
    ReadCatalogue,
    RemoveRevokerCredential,
    RequestAccess,
    SetRevokerCredential,
  ],
})
export class AccessModule {}
