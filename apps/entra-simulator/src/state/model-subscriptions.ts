/** A subscription to change notifications. */
export interface Subscription {
  readonly id: string;
  readonly applicationId: string;
  readonly creatorId: string;
  /** `users`, `groups`, or one object below them. */
  readonly resource: string;
  /** `updated`, `deleted` or both, as they were asked for. */
  readonly changeType: string;
  readonly notificationUrl: string;
  readonly clientState: string | null;
  readonly latestSupportedTlsVersion: string | null;
  readonly expiresAt: number;
}
