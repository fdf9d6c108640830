import type { Command } from 'commander';
import { accessErrors } from '#core/access';
import { stateOf } from '#core/accounts';
import {
  ReinstateTechnician,
  RemoveConnection,
  RemoveCustomer,
  RemoveTechnician,
  SuspendTechnician,
  type ChangeTechnicianCommand,
  type Removal,
  type RemovalCommand,
} from '#core/leaving';
import type { Technician } from '#core/identity';
import { idOf } from '#core/shared';
import type { Ports } from '#composition';
import { given, organizationOf, technicianOf } from './arguments.js';
import type { Terminal } from './terminal.js';

interface Options {
  readonly organization?: string;
  readonly username?: string;
  readonly id?: string;
}
type Change = new (ports: Ports) => { execute(command: ChangeTechnicianCommand): Promise<Technician> };
type Removing = new (ports: Ports) => { execute(command: RemovalCommand): Promise<Removal> };

const changes: Readonly<Record<string, { readonly does: string; readonly useCase: Change }>> = {
  suspend: {
    does: 'Stop a technician at once: no token lets in, and every grant ends.',
    useCase: SuspendTechnician,
  },
  reinstate: { does: 'Let a suspended technician in again.', useCase: ReinstateTechnician },
  remove: {
    does: 'A technician leaves for good: the accounts are deleted at every customer.',
    useCase: RemoveTechnician,
  },
};

/** Adds what ends things to the commands of people and customers. */
export const addLeavingCommands = (program: Command, terminal: Terminal): void => {
  const technician = program.commands.find((command) => command.name() === 'technician');
  const customer = program.commands.find((command) => command.name() === 'customer');
  for (const [name, { does, useCase }] of Object.entries(changes))
    technician
      ?.command(name)
      .description(`${does} Prints the state.`)
      .argument('[organization]', 'slug; or --organization')
      .argument('[username]', 'whom; or --username')
      .option('--organization <slug>', 'slug of the organization')
      .option('--username <username>', 'whom')
      .action((organization: string | undefined, username: string | undefined, options: Options) =>
        change(terminal, useCase, {
          organization: given(organization, options.organization, 'organization'),
          username: given(username, options.username, 'username'),
        }),
      );
  if (customer === undefined) return;
  addRemoval(customer, terminal, {
    name: 'remove',
    of: 'a customer, with its connection',
    useCase: RemoveCustomer,
  });
  addRemoval(customer, terminal, {
    name: 'disconnect',
    of: "a customer's Entra connection",
    useCase: RemoveConnection,
  });
};

const change = (
  { withPorts, print }: Terminal,
  useCase: Change,
  whom: { readonly organization: string; readonly username: string },
): Promise<void> =>
  withPorts(async (ports) => {
    const organizationId = await organizationOf(ports, whom.organization);
    const technicianId = await technicianOf(ports, organizationId, whom.username);
    const by = { asRole: null, actor: { kind: 'console' } } as const;
    print((await new useCase(ports).execute({ organizationId, technicianId, ...by })).state);
  });

const addRemoval = (
  customer: Command,
  terminal: Terminal,
  what: { readonly name: string; readonly of: string; readonly useCase: Removing },
): void => {
  customer
    .command(what.name)
    .description(
      `Begin to remove ${what.of}; prints the accounts that are not proven closed yet, one a line.`,
    )
    .argument('[organization]', 'slug; or --organization')
    .argument('[id]', 'id of the customer; or --id')
    .option('--organization <slug>', 'slug of the organization')
    .option('--id <id>', 'id of the customer')
    .action((organization: string | undefined, id: string | undefined, options: Options) =>
      terminal.withPorts(async (ports) => {
        const slug = given(organization, options.organization, 'organization');
        const removal = await new what.useCase(ports).execute({
          organizationId: await organizationOf(ports, slug),
          customerId: customerIdOf(given(id, options.id, 'id')),
          actor: { kind: 'console' },
        });
        for (const account of removal.notClosed)
          terminal.print(`${account.id} ${stateOf(account)} ${account.upn}`);
        terminal.remark(
          'Run it again to see how far it has come; leaving accounts behind is done through the API.',
        );
      }),
    );
};

const customerIdOf = (text: string) => {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    throw accessErrors.refuse('customer.not_found');
  return idOf<'customer'>(text.toLowerCase());
};
