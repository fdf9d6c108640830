import { Injectable } from '@nestjs/common';
import { ConnectCustomer } from '#core/access';
import { ConnectByOrganizationApp } from '#core/consenting';

/** The two ways to connect a customer. */
@Injectable()
export class Connecting {
  constructor(
    readonly own: ConnectCustomer,
    readonly shared: ConnectByOrganizationApp,
  ) {}
}
