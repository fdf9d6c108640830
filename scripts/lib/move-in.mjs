// Puts a small MSP into a stack that has just been started: people by the console, the rest over the public API.
import { curfewApi } from './curfew-api.mjs';
import { runConsole } from './console.mjs';
import { organization, people, seedCustomer } from './seed.mjs';
import { simulatorControl } from './simulator-control.mjs';

/** @returns `customer`, `policies` by name and a fresh token of each person */
export const moveIn = async (stack) => {
  const console = (...args) => runConsole(args, stack.environment);
  await unlessThere(console('organization', 'create', organization.slug, '--name', organization.name));
  const token = async ({ username, displayName, role }) => {
    await unlessThere(
      console('technician', 'create', organization.slug, username, '--name', displayName, '--role', role),
    );
    return console('token', 'create', organization.slug, username, '--days', '1');
  };
  const [forOwner, forTechnician] = await Promise.all([token(people.owner), token(people.technician)]);
  const tokens = { owner: forOwner, technician: forTechnician };
  const owner = curfewApi(stack.api, tokens.owner);
  return { tokens, ...(await seedCustomer({ owner, simulator: simulatorControl(stack.simulator) })) };
};

/** From an earlier start. */
const unlessThere = (made) =>
  made.catch((error) => {
    if (!/\.exists/.test(error.message)) throw error;
  });
