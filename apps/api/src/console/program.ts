import { Command } from 'commander';
import type { Ports } from '#composition';
import { addCustomerCommands } from './customer-commands.js';
import { addOrganizationCommands } from './organization-commands.js';
import { addTechnicianCommands } from './technician-commands.js';
import { addTokenCommands } from './token-commands.js';

/** What a command works with. */
export interface Terminal {
  /** Opens the ports for one command and closes them after it. */
  readonly withPorts: (work: (ports: Ports) => Promise<void>) => Promise<void>;
  /** The answer, on standard output. */
  readonly print: (line: string) => unknown;
  /** What a person may want to know besides. */
  readonly remark: (line: string) => unknown;
  readonly usageExitCode: number;
}

/** `curfew`: what only somebody at the server's console may do. */
export const consoleProgram = (terminal: Terminal): Command => {
  const program = new Command('curfew')
    .description("Curfew's console: organizations, people and API tokens.")
    .configureHelp({ sortSubcommands: true })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : terminal.usageExitCode));
  addOrganizationCommands(program, terminal);
  addTechnicianCommands(program, terminal);
  addTokenCommands(program, terminal);
  addCustomerCommands(program, terminal);
  return program;
};
