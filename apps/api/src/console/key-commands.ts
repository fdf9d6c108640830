import { InvalidArgumentError, type Command } from 'commander';
import { RotateKeys, type KeyStatus, type ResealPass, type RotationProgress } from '#core/keys';
import type { KeyTools } from '#composition';
import type { Terminal } from './terminal.js';

/** Adds what concerns the keys under which things are sealed. */
export const addKeyCommands = (program: Command, terminal: Terminal): void => {
  const keys = program
    .command('keys')
    .description('The encryption keys under which credentials and passwords are sealed.');
  keys
    .command('status')
    .description('Show each key, how much stands under it, and which process works with which.')
    .action(() => withRotation(terminal, async (rotation) => printStatus(await rotation.status(), terminal)));
  keys
    .command('rotate')
    .description('Change to a new key and seal everything anew, while all goes on; repeat it after a kill.')
    .action(() => withRotation(terminal, async (rotation) => conclude(await rotation.rotate(), terminal)));
  addSteps(keys, terminal);
  keys
    .command('retire')
    .description('Take a key out of the ring that nothing needs any more; refused while something does.')
    .argument('<id>', 'of the key', keyIdOf)
    .action((id: string) =>
      withRotation(terminal, async (rotation) => {
        await rotation.retire(id);
        terminal.print(`Retired ${id}. Backups from before need it: keep the old ring with them.`);
      }),
    );
  keys
    .command('wrap')
    .description('Write the ring, each key wrapped by the configured key vault, into a new file.')
    .argument('<file>', 'that is not there yet')
    .action(async (file: string) => {
      await terminal.wrapKeys(file);
      terminal.print(`Wrapped into ${file}.`);
    });
};

/** What a rotation does, one by one: where each process has a ring of its own. */
const addSteps = (keys: Command, terminal: Terminal): void => {
  keys
    .command('add')
    .description('First step alone: add a key that opens and does not seal yet; prints its id.')
    .action(() => withRotation(terminal, async (rotation) => terminal.print(await rotation.add())));
  keys
    .command('use')
    .description('Second step alone: have a key seal, once every running process can open with it.')
    .argument('<id>', 'of the key', keyIdOf)
    .action((id: string) => withRotation(terminal, (rotation) => rotation.use(id)));
  keys
    .command('reseal')
    .description('Third step alone: seal anew whatever stands under another key than the one that seals.')
    .action(() => withRotation(terminal, async (rotation) => conclude(await rotation.reseal(), terminal)));
};

const keyIdOf = (text: string): string => {
  if (!/^[a-z0-9-]{1,32}$/.test(text)) throw new InvalidArgumentError('Give the id of a key.');
  return text;
};

const withRotation = (terminal: Terminal, work: (rotation: RotateKeys) => unknown): Promise<void> =>
  terminal.withKeys(async (tools) => {
    await work(rotationWith(tools, terminal));
  });

const rotationWith = ({ ports, ring, sealed }: KeyTools, terminal: Terminal): RotateKeys => {
  const { unitOfWork, box, clock } = ports;
  const { pause, elapsed, remark } = terminal;
  return new RotateKeys({
    ...{ unitOfWork, box, clock, ring, sealed, pause, elapsed },
    tell: (progress) => remark(lineOf(progress)),
  });
};

const lineOf = (progress: RotationProgress): string => {
  switch (progress.kind) {
    case 'added':
      return `Added ${progress.id}: it opens, and does not seal yet.`;
    case 'goes_on':
      return `The rotation to ${progress.id} is not finished: it goes on.`;
    case 'seals':
      return `${progress.id} seals everywhere.`;
    case 'waiting':
      return `Waiting until these take up the changed ring: ${progress.instances.join(', ')}.`;
    case 'resealing':
      return tallyOf(progress);
  }
};

const tallyOf = ({ resealed, left, unreadable }: ResealPass): string =>
  `${resealed} sealed anew, ${left} changed or held meanwhile, ${unreadable} unreadable.`;

const conclude = (pass: ResealPass, { print, unfinished }: Terminal): void => {
  print(tallyOf(pass));
  for (const { organizationId, table, rowId } of pass.named)
    print(`No key opens ${table} ${rowId} of organization ${organizationId}.`);
  if (pass.left > 0 || pass.unreadable > 0) unfinished();
};

const printStatus = ({ keys, lost, holders }: KeyStatus, { print }: Terminal): void => {
  for (const { id, createdAt, seals, values } of keys)
    print(`${id}  since ${createdAt}  ${values} values${seals ? '  seals' : ''}`);
  if (lost > 0) print(`${lost} values name a key that the ring does not hold: nobody can open them.`);
  for (const { instance, sealing, readable } of holders)
    print(`${instance}  seals with ${sealing}, opens with ${readable.join(', ')}`);
};
