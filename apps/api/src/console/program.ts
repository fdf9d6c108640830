import { Command } from 'commander';
import { addCustomerCommands } from './customer-commands.js';
import { addKeyCommands } from './key-commands.js';
import { addLeavingCommands } from './leaving-commands.js';
import { addOrganizationCommands } from './organization-commands.js';
import { addRestoreCommands } from './restore-commands.js';
import { addTechnicianCommands } from './technician-commands.js';
import { addRevokeCommand } from './revoke-command.js';
import type { Terminal } from './terminal.js';
import { addTokenCommands } from './token-commands.js';

/** `curfew`: what only somebody at the server's console may do. */
export const consoleProgram = (terminal: Terminal): Command => {
  const program = new Command('curfew')
    .description("Curfew's console: organizations, people, API tokens, keys, and the kill switch.")
    .configureHelp({ sortSubcommands: true })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : terminal.usageExitCode));
  addOrganizationCommands(program, terminal);
  addTechnicianCommands(program, terminal);
  addTokenCommands(program, terminal);
  addCustomerCommands(program, terminal);
  addRevokeCommand(program, terminal);
  addLeavingCommands(program, terminal);
  addRestoreCommands(program, terminal);
  addKeyCommands(program, terminal);
  return program;
};
