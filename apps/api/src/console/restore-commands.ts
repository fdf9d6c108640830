import type { Command } from 'commander';
import { AcceptRestored } from '#core/restoring';
import type { CustomerId, OrganizationId } from '#core/shared';
import type { Ports } from '#composition';
import { UsageError } from './arguments.js';
import { targetOf } from './revoke-scope.js';
import type { Terminal } from './terminal.js';

interface AcceptOptions {
  readonly customer?: string;
  readonly all?: boolean;
  readonly organization?: string;
}

const PAGE = 1_000;

/** Adds what concerns a database that was restored from a backup. */
export const addRestoreCommands = (program: Command, terminal: Terminal): void => {
  const restore = program
    .command('restore')
    .description('What a database restored from a backup waits for before anything is given again.');
  restore
    .command('status')
    .description('Say whether a restoration is under way.')
    .action(() => terminal.withPorts((ports) => status(ports, terminal)));
  restore
    .command('accept')
    .description(
      'Answer for customers whose tenant can not be compared: what was given there in the lost hours is yours to disable.',
    )
    .option('--customer <id or name>', 'one customer')
    .option('--all', 'every customer of the organization')
    .option('--organization <slug>', 'of which organization; needed only where there are several')
    .action((options: AcceptOptions) => terminal.withPorts((ports) => accept(ports, options, terminal)));
};

const status = async ({ unitOfWork }: Ports, { print }: Terminal): Promise<void> => {
  const { restoringSince, generation, mark } = await unitOfWork.clockwork.deployment.read();
  print(
    restoringSince === null
      ? `Nothing is being restored. Generation ${generation}, mark ${mark}.`
      : `Restoring since ${new Date(restoringSince).toISOString()}: nothing is given. Generation ${generation}, mark ${mark}.`,
  );
};

const accept = async (ports: Ports, options: AcceptOptions, { print }: Terminal): Promise<void> => {
  if ((options.customer === undefined) === (options.all !== true))
    throw new UsageError('Say for whom: --customer <id or name>, or --all.');
  const { organizationId, scope, who } = await targetOf(ports, options);
  const customers = scope.kind === 'customer' ? [scope.customerId] : await customersOf(ports, organizationId);
  const useCase = new AcceptRestored(ports);
  let accepted = 0;
  for (const customerId of customers) {
    const actor = { kind: 'console' } as const;
    if (await useCase.execute({ organizationId, customerId, actor })) accepted += 1;
  }
  print(`Accepted for ${who}: ${accepted} ${accepted === 1 ? 'customer' : 'customers'}.`);
};

const customersOf = ({ unitOfWork }: Ports, organizationId: OrganizationId): Promise<readonly CustomerId[]> =>
  unitOfWork.inOrganization(organizationId, async ({ customers }) => {
    const ids: CustomerId[] = [];
    for (;;) {
      const page = await customers.list({ after: ids.at(-1) ?? null, limit: PAGE });
      ids.push(...page.map(({ id }) => id));
      if (page.length < PAGE) return ids;
    }
  });
