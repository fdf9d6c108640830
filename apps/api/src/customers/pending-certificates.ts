import { Injectable } from '@nestjs/common';
import { ActivateCertificate, DiscardCertificate, MakeCertificate } from '#core/access';

/** What can be done with a certificate that Curfew makes. */
@Injectable()
export class PendingCertificates {
  constructor(
    readonly make: MakeCertificate,
    readonly activate: ActivateCertificate,
    readonly discard: DiscardCertificate,
  ) {}
}
