import type { RemovalOut } from '#contracts';
import type { Removal } from '#core/leaving';
import { presentAccount } from './present-account.js';

export const presentRemoval = ({ connection, customer, leftBehind, notClosed }: Removal): RemovalOut => ({
  customerId: customer.id,
  customer: customer.state,
  connection,
  notClosed: notClosed.map(presentAccount),
  leftBehind: leftBehind.map(presentAccount),
});
