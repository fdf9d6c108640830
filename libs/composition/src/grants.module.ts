import { Module } from '@nestjs/common';
import { EndGrant, ExtendGrant } from '#core/grants';
import { useCase } from './use-case.js';

@Module({ providers: [useCase(EndGrant), useCase(ExtendGrant)], exports: [EndGrant, ExtendGrant] })
export class GrantsModule {}
