import type { Command } from 'commander';
import { CreateTechnician, type TechnicianRole } from '#core/identity';
import { given, nameOf, organizationOf, roleOption } from './arguments.js';
import type { Terminal } from './terminal.js';

interface CreateOptions {
  readonly organization?: string;
  readonly username?: string;
  readonly name: string;
  readonly role: TechnicianRole;
}

export const addTechnicianCommands = (program: Command, { withPorts, print }: Terminal): void => {
  const technician = program.command('technician').description('People of an organization');
  technician
    .command('create')
    .description('Create a technician; prints the id.')
    .argument('[organization]', 'slug; or --organization')
    .argument('[username]', "becomes part of the names of the person's accounts; or --username")
    .option('--organization <slug>', 'slug of the organization')
    .option('--username <username>', "becomes part of the names of the person's accounts")
    .requiredOption('--name <name>', 'full name', nameOf)
    .addOption(roleOption('what the person may do').makeOptionMandatory())
    .action((organization: string | undefined, username: string | undefined, options: CreateOptions) =>
      withPorts(async (ports) => {
        const slug = given(organization, options.organization, 'organization');
        const created = await new CreateTechnician(ports).execute({
          organizationId: await organizationOf(ports, slug),
          username: given(username, options.username, 'username'),
          displayName: options.name,
          role: options.role,
          actor: { kind: 'console' },
        });
        print(created.id);
      }),
    );
};
