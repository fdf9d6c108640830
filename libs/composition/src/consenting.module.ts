import { Module } from '@nestjs/common';
import {
  ConfirmConsent,
  ConnectByOrganizationApp,
  MakeConsentLink,
  ProveConsent,
  RemoveOrganizationApp,
  SetOrganizationApp,
  TellConsent,
  WithdrawConsent,
} from '#core/consenting';
import { useCase } from './use-case.js';

@Module({
  providers: [
    useCase(ConfirmConsent),
    useCase(ConnectByOrganizationApp),
    useCase(MakeConsentLink),
    useCase(ProveConsent),
    useCase(RemoveOrganizationApp),
    useCase(SetOrganizationApp),
    useCase(TellConsent),
    useCase(WithdrawConsent),
  ],
  exports: [
    ConfirmConsent,
    ConnectByOrganizationApp,
    MakeConsentLink,
    ProveConsent,
    RemoveOrganizationApp,
    SetOrganizationApp,
    TellConsent,
    WithdrawConsent,
  ],
})
export class ConsentingModule {}
