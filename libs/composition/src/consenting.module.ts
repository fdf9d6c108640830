import { Module } from '@nestjs/common';
import { ConnectByOrganizationApp, RemoveOrganizationApp, SetOrganizationApp } from '#core/consenting';
import { useCase } from './use-case.js';

@Module({
  providers: [useCase(ConnectByOrganizationApp), useCase(RemoveOrganizationApp), useCase(SetOrganizationApp)],
  exports: [ConnectByOrganizationApp, RemoveOrganizationApp, SetOrganizationApp],
})
export class ConsentingModule {}
