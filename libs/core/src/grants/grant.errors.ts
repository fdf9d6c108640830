import { defineErrors } from '#core/shared';

export const grantErrors = defineErrors({
  'grant.not_found': {
    kind: 'not_found',
    title: 'There is no such grant.',
    remedy: 'Check the id; list the grants that you may see with GET /api/v1/grants.',
  },
  'grant.already_ended': {
    kind: 'conflict',
    title: 'This grant is over, or is being ended.',
    remedy: 'Ask for access again.',
  },
  'grant.not_started': {
    kind: 'conflict',
    title: 'This grant has not begun yet, so there is nothing to extend.',
    remedy: 'Extend it while it runs, or cancel its access request and ask for another time.',
  },
  'grant.not_active': {
    kind: 'conflict',
    title: 'This grant is not active yet, so there is no credential to show.',
    remedy: 'Wait until its state is "active", then reveal.',
  },
  'grant.too_many_reveals': {
    kind: 'conflict',
    title: 'The credential of this grant was shown as often as is allowed.',
    remedy: 'End this grant and ask for access again.',
  },
  'grant.pass_unavailable': {
    kind: 'conflict',
    title: "The customer's tenant has Temporary Access Passes switched off.",
    remedy: 'Switch them on in Entra (Authentication methods), or use an access policy with a password.',
  },
  'grant.pass_not_ready': {
    kind: 'unavailable',
    title: 'Entra does not know the new account well enough yet to make a pass for it.',
    remedy: 'Try again in some seconds.',
  },
  'grant.illegal_transition': {
    kind: 'conflict',
    title: 'That cannot happen to a grant in this state.',
    remedy: 'Read the grant again and act on its present state.',
  },
  'grant.extension_too_long': {
    kind: 'invalid',
    title: "The new end lies beyond the access policy's maximum duration.",
    remedy: 'Choose an end no later than latestExpiresAt, or ask for access anew afterwards.',
  },
  'grant.extension_not_later': {
    kind: 'invalid',
    title: 'The new end is not later than the present one.',
    remedy: 'Use /end to end a grant early.',
  },
  'grant.changed_meanwhile': {
    kind: 'conflict',
    title: 'The grant was changed by somebody else at the same moment.',
    remedy: 'Read it again and repeat what still applies.',
  },
});
