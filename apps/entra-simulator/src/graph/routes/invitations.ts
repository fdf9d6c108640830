import { randomUUID } from 'node:crypto';
import { createUser } from '../../directory/users.js';
import { isText, type Json } from '../../foundation/json.js';
import type { User } from '../../state/model.js';
import type { Tenant } from '../../state/tenant.js';
import { demand, type GraphContext, type GraphReply, type Route } from '../context.js';
import { badRequest } from '../errors.js';
import { requiredOf } from '../errors-directory.js';
import { demandRoom } from '../quota.js';

export const invitationRoutes: readonly Route[] = [
  { method: 'POST', path: '/invitations', workload: 'directory', answer: invite },
];

const address = /^[^@\s]{1,64}@[^@\s]{1,190}$/;

/** Makes a guest, or finds the one who was invited before. */
function invite(ctx: GraphContext): GraphReply {
  const {
    invitedUserEmailAddress: mail,
    inviteRedirectUrl,
    invitedUserDisplayName,
    invitedUserType,
  } = ctx.body;
  demand(isText(mail) && mail !== '', () => requiredOf('Invitation', 'invitedUserEmailAddress'));
  demand(isText(inviteRedirectUrl) && inviteRedirectUrl !== '', () =>
    requiredOf('Invitation', 'inviteRedirectUrl'),
  );
  demand(address.test(String(mail)), () =>
    badRequest('The invitedUserEmailAddress is not a valid email address.'),
  );
  const displayName = isText(invitedUserDisplayName) ? invitedUserDisplayName : String(mail).split('@')[0]!;
  const guest = guestOf(ctx, {
    mail: String(mail),
    displayName,
    userType: invitedUserType === 'Member' ? 'Member' : 'Guest',
  });
  return {
    status: 201,
    body: {
      '@odata.context': `${ctx.root}/$metadata#invitations/$entity`,
      id: randomUUID(),
      inviteRedeemUrl: `https://login.microsoftonline.com/redeem?rd=${encodeURIComponent(`https://invitations.microsoft.com/redeem/?tenant=${ctx.tenant.id}&user=${guest.id}`)}`,
      inviteRedirectUrl,
      invitedUserDisplayName: displayName,
      invitedUserEmailAddress: mail,
      invitedUserType: guest.properties['userType'],
      resetRedemption: false,
      sendInvitationMessage: ctx.body['sendInvitationMessage'] === true,
      status: 'PendingAcceptance',
      invitedUser: { id: guest.id },
    },
  };
}

interface Guest {
  mail: string;
  displayName: string;
  userType: string;
}

function guestOf(ctx: GraphContext, { mail, displayName, userType }: Guest): User {
  const { tenant } = ctx;
  const userPrincipalName = guestName(tenant, mail);
  const [known] = tenant.users.lookUp('upn', userPrincipalName.toLowerCase());
  if (known !== undefined) return known;
  const [own] = tenant.users.lookUp('upn', mail.toLowerCase());
  if (own !== undefined) {
    throw badRequest(
      `The invited user already exists in the directory as object ID: ${own.id}. They can use that account to sign in to shared apps and resources.`,
    );
  }
  demandRoom(tenant);
  const properties: Json = {
    displayName,
    mail,
    mailNickname: userPrincipalName.split('@')[0]!.slice(0, 64),
    userType,
    creationType: 'Invitation',
    externalUserState: 'PendingAcceptance',
  };
  return createUser(ctx.writer, { id: randomUUID(), userPrincipalName, accountEnabled: true, properties });
}

/** `ann_other.example#EXT#@contoso.onmicrosoft.com` */
function guestName({ config }: Tenant, mail: string): string {
  const initial = config.domains.find((domain) => domain.isInitial) ?? config.domains[0];
  return `${mail.replace('@', '_')}#EXT#@${initial?.name ?? ''}`;
}
