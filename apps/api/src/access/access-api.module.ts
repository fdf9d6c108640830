import { Module } from '@nestjs/common';
import { AccessModule } from '#composition';
import { AccessPoliciesController } from './access-policies.controller.js';
import { AccessPolicyReader } from './access-policy-reader.js';
import { AccessRequestReader } from './access-request-reader.js';
import { AccessRequestsController } from './access-requests.controller.js';
import { PolicyPreviewController } from './policy-preview.controller.js';
import { RoleCeilingReader } from './role-ceiling-reader.js';
import { RoleCeilingController } from './role-ceiling.controller.js';

@Module({
  imports: [AccessModule],
  controllers: [
    AccessPoliciesController,
    AccessRequestsController,
    PolicyPreviewController,
    RoleCeilingController,
  ],
  providers: [AccessPolicyReader, AccessRequestReader, RoleCeilingReader],
})
export class AccessApiModule {}
