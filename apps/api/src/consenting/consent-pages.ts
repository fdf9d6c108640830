import type { ConsentPage } from '#composition';
import { routes } from '#contracts';

/** Where admins consent, and come back to. */
export interface ConsentPages {
  /** By which browsers reach this API; null: nobody has told. */
  readonly publicUrl: string | null;
  /** Where an admin consents to an app; null: there is no such cloud here. */
  readonly urlOf: (page: ConsentPage) => string | null;
}

/** By which Nest hands them out. */
export const CONSENT_PAGES = Symbol('consent pages');

/** What is to be registered with the app; null: nobody has told by which address this API is reached. */
export const redirectUriOf = ({ publicUrl }: ConsentPages): string | null =>
  publicUrl === null ? null : `${publicUrl}${routes.consentCallback.path}`;
