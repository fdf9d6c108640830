import type { Ports } from '#composition';
import { CreateApiToken, CreateOrganization, CreateTechnician, type TechnicianRole } from '#core/identity';

const ROLES = [
  'owner',
  'admin',
  'approver',
  'technician',
  'auditor',
] as const satisfies readonly TechnicianRole[];

/** An organization with a token of a person of each role. */
export type Msp = Readonly<Record<TechnicianRole, string>> & {
  readonly organizationId: string;
  /** A second technician, who has nothing to do with the first. */
  readonly colleague: string;
};

/** Makes it as somebody at the console would. */
export const newMsp = async (ports: Ports, slug: string): Promise<Msp> => {
  const organization = await new CreateOrganization(ports).execute({ slug, name: slug, prefix: 'jit-' });
  const actor = { kind: 'console' } as const;
  const organizationId = organization.id;
  const tokenOf = async (username: string, role: TechnicianRole): Promise<string> => {
    const technician = await new CreateTechnician(ports).execute({
      organizationId,
      username,
      displayName: username,
      role,
      actor,
    });
    const command = { organizationId, technicianId: technician.id, role: null, days: null, actor };
    return (await new CreateApiToken(ports).execute(command)).token.expose();
  };
  const tokens: Partial<Record<TechnicianRole, string>> = {};
  for (const role of ROLES) tokens[role] = await tokenOf(`the-${role}`, role);
  const colleague = await tokenOf('a-colleague', 'technician');
  return { ...(tokens as Record<TechnicianRole, string>), organizationId, colleague };
};
