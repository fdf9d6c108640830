import { Module } from '@nestjs/common';
import {
  CancelAccessRequest,
  ChangeAccessPolicy,
  ConnectCustomer,
  CreateAccessPolicy,
  RequestAccess,
} from '#core/access';
import { useCase } from './use-case.js';

@Module({
  providers: [
    useCase(CancelAccessRequest),
    useCase(ChangeAccessPolicy),
    useCase(ConnectCustomer),
    useCase(CreateAccessPolicy),
    useCase(RequestAccess),
  ],
  exports: [CancelAccessRequest, ChangeAccessPolicy, ConnectCustomer, CreateAccessPolicy, RequestAccess],
})
export class AccessModule {}
