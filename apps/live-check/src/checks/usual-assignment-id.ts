/** The bytes of a GUID in Microsoft's order: its first three groups are little-endian. */
const guidBytes = (guid: string): Buffer => {
  const [a = '', b = '', c = '', ...rest] = guid.split('-');
  const reversed = [a, b, c].map((hex) => Buffer.from(hex, 'hex').reverse());
  return Buffer.concat([...reversed, Buffer.from(rest.join(''), 'hex')]);
};

/** The id that most documented role assignments have; the adapter takes it for a hint only. */
export const usualAssignmentId = (roleId: string, principalId: string): string =>
  `${Buffer.concat([guidBytes(roleId), guidBytes(principalId)]).toString('base64url')}-1`;
