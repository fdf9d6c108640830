import { Module } from '@nestjs/common';
import { AdvanceCanaries } from '#core/proving';
import { useCase } from './use-case.js';

@Module({ providers: [useCase(AdvanceCanaries)], exports: [AdvanceCanaries] })
export class ProvingModule {}
