import { idOf, Secret, type Ids, type OrganizationId } from '#core/shared';

const RANDOM_BYTES = 32;
const SHAPE = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})[0-9a-f]{64}$/;

/** What a link carries for us: whose it is, so that it can be looked for, and 256 bits that nobody can guess. */
export const newLinkState = (organizationId: OrganizationId, ids: Ids): Secret => {
  const random = [...ids.randomBytes(RANDOM_BYTES)].map((byte) => byte.toString(16).padStart(2, '0'));
  return new Secret(`${organizationId.replaceAll('-', '')}${random.join('')}`);
};

/** In whose rows to look for it; null: it is none of ours. */
export const organizationOfState = (state: string): OrganizationId | null => {
  const [whole, ...parts] = SHAPE.exec(state) ?? [];
  return whole === undefined ? null : idOf(parts.join('-'));
};
