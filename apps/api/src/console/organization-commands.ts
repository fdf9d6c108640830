import type { Command } from 'commander';
import { CreateOrganization, SetUnusedAccountDays } from '#core/identity';
import { daysOf, given, nameOf, organizationOf } from './arguments.js';
import type { Terminal } from './terminal.js';

interface CreateOptions {
  readonly slug?: string;
  readonly name: string;
  readonly prefix: string;
}

export const addOrganizationCommands = (program: Command, { withPorts, print }: Terminal): void => {
  const organization = program.command('organization').description('MSPs of this deployment');
  organization
    .command('create')
    .description('Create an organization; prints its id.')
    .argument('[slug]', 'short name for URLs and commands; or --slug')
    .option('--slug <slug>', 'short name for URLs and commands')
    .requiredOption('--name <name>', 'full name', nameOf)
    .option('--prefix <prefix>', 'with which the names of managed accounts begin', 'jit-')
    .action((slug: string | undefined, options: CreateOptions) =>
      withPorts(async (ports) => {
        const { name, prefix } = options;
        const created = await new CreateOrganization(ports).execute({
          slug: given(slug, options.slug, 'slug'),
          name,
          prefix,
        });
        print(created.id);
      }),
    );
  organization
    .command('unused-accounts')
    .description(
      'Delete parked accounts from Entra after so many days without a grant (90 unless said; 0: never).',
    )
    .argument('<slug>', 'of the organization')
    .argument('<days>', 'from 0 to 3650', daysOf)
    .action((slug: string, days: number) =>
      withPorts(async (ports) => {
        const organizationId = await organizationOf(ports, slug);
        await new SetUnusedAccountDays(ports).execute({ organizationId, days, actor: { kind: 'console' } });
        print(String(days));
      }),
    );
};
