import type { Command } from 'commander';
import { CreateCustomer } from '#core/tenancy';
import { given, nameOf, organizationOf } from './arguments.js';
import type { Terminal } from './terminal.js';

interface CreateOptions {
  readonly organization?: string;
  readonly name: string;
}

export const addCustomerCommands = (program: Command, { withPorts, print }: Terminal): void => {
  const customer = program.command('customer').description('Companies that an organization looks after');
  customer
    .command('create')
    .description('Create a customer; prints its id.')
    .argument('[organization]', 'slug; or --organization')
    .option('--organization <slug>', 'slug of the organization')
    .requiredOption('--name <name>', 'full name', nameOf)
    .action((organization: string | undefined, options: CreateOptions) =>
      withPorts(async (ports) => {
        const slug = given(organization, options.organization, 'organization');
        const created = await new CreateCustomer(ports).execute({
          organizationId: await organizationOf(ports, slug),
          name: options.name,
          actor: { kind: 'console' },
          idempotency: null,
        });
        print(created.id);
      }),
    );
};
