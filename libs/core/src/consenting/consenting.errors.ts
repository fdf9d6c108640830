import { defineErrors } from '#core/shared';

export const consentingErrors = defineErrors({
  'organization_app.not_found': {
    kind: 'not_found',
    title: 'Your organization has no app of its own in this cloud.',
    remedy:
      'Register a multi-tenant app in your own tenant and give it to Curfew: PUT /api/v1/organization-app.',
  },
  'organization_app.in_use': {
    kind: 'conflict',
    title: "Customers are connected by your organization's app; `customers` says how many.",
    remedy: 'Connect them by apps of their own, or remove their connections, then remove the app.',
  },
  'organization_app.client_fixed': {
    kind: 'conflict',
    title: 'Customers have consented to the app that is there; another one would open none of their tenants.',
    remedy:
      'Exchange the credential of the same app (`clientId`). For another app, connect the customers by apps of their own first.',
  },
  'organization_app.credential_end_past': {
    kind: 'invalid',
    title: 'The credential is said to have ended already.',
    remedy: 'Give in `credentialEndsAt` when it will end, or leave it out when you do not know.',
  },
  'organization_app.changed_meanwhile': {
    kind: 'conflict',
    title: 'The app of your organization was changed by somebody else at the same moment.',
    remedy: 'Read it again, then decide whether your change is still wanted.',
  },
});
