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
  'consent.not_found': {
    kind: 'not_found',
    title: 'No consent is asked of this customer.',
    remedy: 'Make a link with POST /api/v1/customers/{id}/consent-link.',
  },
  'consent.changed_meanwhile': {
    kind: 'conflict',
    title: 'This consent was changed at the same moment.',
    remedy: 'Read it again, then decide whether your change is still wanted.',
  },
  'consent.not_to_confirm': {
    kind: 'conflict',
    title: 'There is nothing to confirm of this consent.',
    remedy: 'Read it: `state` says how far it has come, and `problem` why not further.',
  },
  'consent.tenant_differs': {
    kind: 'conflict',
    title: 'The tenant that you confirm is not the one that has consented.',
    remedy:
      'Read the consent again, compare name and id with the customer, and confirm what it shows, or withdraw it.',
  },
  'consent.public_url_missing': {
    kind: 'unavailable',
    title: 'This deployment does not know its own address, to which Entra sends an admin back.',
    remedy:
      'Set CURFEW_PUBLIC_URL for the API, and register the redirect URI that it shows then with your app.',
  },
  'consent.cloud_unknown': {
    kind: 'conflict',
    title: 'This deployment does not know this cloud, so there is no address at which to consent.',
    remedy: 'Choose another cloud, or have the deployment define it.',
  },
  'consent.declined': {
    kind: 'conflict',
    title: 'The admin of the customer declined.',
    remedy: 'Tell them what the app is for (docs/permissions.md), make a new link and send it again.',
  },
  'consent.not_permitted': {
    kind: 'conflict',
    title: 'Who opened the link may not consent to application permissions for the tenant.',
    remedy:
      'Make a new link for a Global Administrator or Privileged Role Administrator of the customer: Entra lets nobody else do it.',
  },
  'consent.required': {
    kind: 'conflict',
    title: 'Entra says that consent is still required: nobody has given it.',
    remedy:
      'Make a new link, and have it opened by an admin who may consent and accepts everything that is asked.',
  },
  'consent.refused': {
    kind: 'conflict',
    title: 'Entra sent the admin back with an error; `entraCode` is its code, if it named one.',
    remedy: 'Look the code up at https://login.microsoftonline.com/error, mend it, and make a new link.',
  },
  'consent.unreadable': {
    kind: 'conflict',
    title: 'Somebody came back by the link with neither a plain yes nor an error.',
    remedy: 'Make a new link; if it happens again, somebody plays with it: give it to the right person only.',
  },
  'consent.other_tenant': {
    kind: 'conflict',
    title:
      'Another tenant than the expected one was named as having consented; `claimedTenantId` says which.',
    remedy:
      'Find out who opened the link. If an admin of another tenant consented by mistake, have the enterprise application deleted ' +
      'there. Then make a new link for the right person.',
  },
});
