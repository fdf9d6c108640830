import { Injectable } from '@nestjs/common';
import { ConfirmConsent, MakeConsentLink, WithdrawConsent } from '#core/consenting';

/** What an admin of the organization does about a customer's consent. */
@Injectable()
export class Settling {
  constructor(
    readonly make: MakeConsentLink,
    readonly confirm: ConfirmConsent,
    readonly withdraw: WithdrawConsent,
  ) {}
}
