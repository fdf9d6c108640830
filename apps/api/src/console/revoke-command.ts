import type { Command } from 'commander';
import { CarryOutHold, Converge, type HoldLook } from '#core/convergence';
import { PullKillSwitch, UNFINISHED, type ClosingAccount, type Hold } from '#core/grants';
import { DomainError, SECOND } from '#core/shared';
import type { Ports } from '#composition';
import { nameOf, UsageError, wholeNumber } from './arguments.js';
import { byHandLines, ClosingLines, tallyLine } from './closing-lines.js';
import { requireOneTarget, targetOf, type RevokeTarget, type RevokeWish } from './revoke-scope.js';
import type { Terminal } from './terminal.js';

interface RevokeOptions extends RevokeWish {
  readonly reason: string;
  readonly wait: number;
  readonly yes?: boolean;
}

const LOOK_EVERY_MS = 500;
/** A call to Graph that has left comes back within this, or its claim runs out without us. */
const FAREWELL_MS = 10 * SECOND;
/** Somebody may hold rows for as long as a transaction may last. */
const TRIES = 3;

export const addRevokeCommand = (program: Command, terminal: Terminal): void => {
  program
    .command('revoke')
    .description(
      'Pull the kill switch: end all access of a technician, at a customer, or of everybody, and hold it until an owner ' +
        'lifts it. Needs PostgreSQL and the key, and nothing else of Curfew running.',
    )
    .option('--technician <username>', 'one person, everywhere')
    .option('--customer <id or name>', 'everybody at one customer')
    .option('--all', 'everybody, everywhere')
    .option('--organization <slug>', 'of which organization; needed only where there are several')
    .option('--reason <text>', 'for the audit log', nameOf, 'Pulled at the console.')
    .option(
      '--wait <seconds>',
      'how long to go on until the list to do it by hand is printed',
      wholeNumber,
      60,
    )
    .option('--yes', 'do not ask')
    .action(async (options: RevokeOptions) => {
      requireOneTarget(options);
      await terminal.withPorts((ports) => revoke(ports, options, terminal));
    });
};

const revoke = async (ports: Ports, options: RevokeOptions, terminal: Terminal): Promise<void> => {
  const target = await targetOf(ports, options);
  await confirm(target, options, terminal);
  const hold = await pull(ports, { target, reason: options.reason }, terminal);
  terminal.print(`Held: ${target.who}. Nothing is given until an owner lifts ${hold.id}.`);
  const carrying = new CarryOutHold(ports, new Converge(ports));
  const last = await carryOut(hold, { carrying, waitMs: options.wait * SECOND }, terminal);
  terminal.print(tallyLine(last.tally));
  const left = last.left.filter(isUnfinished);
  if (left.length === 0) return;
  for (const line of byHandLines(left)) terminal.print(line);
  terminal.unfinished();
};

/** Only everything, and only a person, is asked: a script means what it says, and it is the safe direction. */
const confirm = async (target: RevokeTarget, { yes }: RevokeOptions, { ask }: Terminal): Promise<void> => {
  if (target.scope.kind !== 'organization' || yes === true || ask === null) return;
  const answer = await ask(`This ends all access of ${target.who} and holds it. Type yes: `);
  if (answer.trim().toLowerCase() !== 'yes') throw new UsageError('Nothing was done.');
};

const pull = async (
  ports: Ports,
  { target, reason }: { readonly target: RevokeTarget; readonly reason: string },
  { pause }: Terminal,
): Promise<Hold> => {
  const { organizationId, scope } = target;
  const command = { organizationId, scope, reason, actor: { kind: 'console' } as const, idempotency: null };
  for (let tries = 1; ; tries += 1) {
    try {
      return await new PullKillSwitch(ports).execute(command);
    } catch (error) {
      // Away, or slow, or its rows are held by somebody.
      const isDatabase = error instanceof DomainError && error.code.startsWith('database.');
      if (!isDatabase || tries === TRIES) throw error;
    }
    await pause(SECOND);
  }
};

/** Looks again and again until everything is closed or the time is over; answers what was seen last. */
const carryOut = async (
  hold: Hold,
  { carrying, waitMs }: { readonly carrying: CarryOutHold; readonly waitMs: number },
  { elapsed, pause, print, remark }: Terminal,
): Promise<HoldLook> => {
  const lines = new ClosingLines();
  const endAt = elapsed() + waitMs;
  const tell = ({ left }: HoldLook): void => lines.since(left).forEach((line) => print(line));
  const failed = (_: unknown, error: unknown) => remark(error instanceof Error ? error.message : 'unknown');
  while (elapsed() < endAt) {
    try {
      const seen = await carrying.look(hold, failed);
      tell(seen);
      if (seen.left.length === 0) return seen;
    } catch (error) {
      failed(null, error);
    }
    await pause(LOOK_EVERY_MS);
  }
  await Promise.race([carrying.idle(), pause(FAREWELL_MS)]);
  const seen = await carrying.see(hold);
  tell(seen);
  return seen;
};

const isUnfinished = ({ state }: ClosingAccount): boolean => UNFINISHED.some((each) => each === state);
