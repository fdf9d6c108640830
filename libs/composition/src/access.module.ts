import { Module } from '@nestjs/common';
import {
  ActivateCertificate,
  CancelAccessRequest,
  ChangeAccessPolicy,
  ChangeRoleCeiling,
  ConnectCustomer,
  CreateAccessPolicy,
  DiscardCertificate,
  MakeCertificate,
  PreviewAccessPolicy,
  ReadCatalogue,
  RemoveRevokerCredential,
  RequestAccess,
  SetRevokerCredential,
} from '#core/access';
import { useCase } from './use-case.js';

@Module({
  providers: [
    useCase(ActivateCertificate),
    useCase(CancelAccessRequest),
    useCase(ChangeAccessPolicy),
    useCase(ChangeRoleCeiling),
    useCase(ConnectCustomer),
    useCase(CreateAccessPolicy),
    useCase(DiscardCertificate),
    useCase(MakeCertificate),
    useCase(PreviewAccessPolicy),
    useCase(ReadCatalogue),
    useCase(RemoveRevokerCredential),
    useCase(RequestAccess),
    useCase(SetRevokerCredential),
  ],
  exports: [
    ActivateCertificate,
    DiscardCertificate,
    MakeCertificate,
    CancelAccessRequest,
    ChangeAccessPolicy,
    ChangeRoleCeiling,
    ConnectCustomer,
    CreateAccessPolicy,
    PreviewAccessPolicy,
    ReadCatalogue,
    RemoveRevokerCredential,
    RequestAccess,
    SetRevokerCredential,
  ],
})
export class AccessModule {}
