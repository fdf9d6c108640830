import type { Command } from 'commander';
import { CreateApiToken, identityErrors, RevokeApiToken, type TechnicianRole } from '#core/identity';
import { idOf } from '#core/shared';
import { given, organizationOf, roleOption, technicianOf, wholeNumber } from './arguments.js';
import type { Terminal } from './terminal.js';

interface CreateOptions {
  readonly organization?: string;
  readonly technician?: string;
  readonly role?: TechnicianRole;
  readonly days?: number;
}

interface RevokeOptions {
  readonly organization?: string;
  readonly id?: string;
}

export const addTokenCommands = (program: Command, terminal: Terminal): void => {
  const token = program.command('token').description('Keys to the API');
  token
    .command('create')
    .description('Create a token; prints it once, alone on standard output.')
    .argument('[organization]', 'slug; or --organization')
    .argument('[technician]', 'username; or --technician')
    .option('--organization <slug>', 'slug of the organization')
    .option('--technician <username>', 'whose token it is')
    .addOption(roleOption("at most the technician's own, which is the default"))
    .option('--days <days>', 'how long it lives, 1 to 90; 30 when left out', wholeNumber)
    .action((organization: string | undefined, technician: string | undefined, options: CreateOptions) =>
      create(terminal, {
        ...options,
        organization: given(organization, options.organization, 'organization'),
        technician: given(technician, options.technician, 'technician'),
      }),
    );
  token
    .command('revoke')
    .description('Make a token worthless at once.')
    .argument('[organization]', 'slug; or --organization')
    .argument('[id]', 'id of the token; or --id')
    .option('--organization <slug>', 'slug of the organization')
    .option('--id <id>', 'id of the token, as it was told when the token was made')
    .action((organization: string | undefined, id: string | undefined, options: RevokeOptions) =>
      terminal.withPorts(async (ports) => {
        const slug = given(organization, options.organization, 'organization');
        await new RevokeApiToken(ports).execute({
          organizationId: await organizationOf(ports, slug),
          tokenId: tokenIdOf(given(id, options.id, 'id')),
          actor: { kind: 'console' },
        });
      }),
    );
};

const create = (
  { withPorts, print, remark }: Terminal,
  options: CreateOptions & { readonly organization: string; readonly technician: string },
): Promise<void> =>
  withPorts(async (ports) => {
    const organizationId = await organizationOf(ports, options.organization);
    const { token, kept } = await new CreateApiToken(ports).execute({
      organizationId,
      technicianId: await technicianOf(ports, organizationId, options.technician),
      role: options.role ?? null,
      days: options.days ?? null,
      actor: { kind: 'console' },
    });
    print(token.expose());
    remark(`Id ${kept.id}, role ${kept.role}, until ${new Date(kept.expiresAt).toISOString()}.`);
    remark('It is shown here and never again; revoke it with: curfew token revoke --organization … --id …');
  });

const tokenIdOf = (text: string) => {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    throw identityErrors.refuse('token.not_found');
  return idOf<'api token'>(text.toLowerCase());
};
