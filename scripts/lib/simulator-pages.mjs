// What is made from the simulator's code and scenarios.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mainOf } from './built.mjs';
import { root } from './paths.mjs';
import { scenariosPage } from './simulator-scenarios.mjs';

/** The schema of seed files beside their example, and the list of scenarios. */
export const simulatorPages = async () => {
  const { seedJsonSchema } = await import(
    pathToFileURL(mainOf('entra-simulator', 'seed/seed-schema.js')).href
  );
  return {
    'apps/entra-simulator/examples/seed.schema.json': await formatted(
      JSON.stringify(seedJsonSchema(), null, 2),
      'json',
    ),
    'docs/simulator-scenarios.md': await formatted(scenariosPage(), 'markdown'),
  };
};

/** As the format check wants it. */
const formatted = async (text, parser) => {
  // Not at the top: it needs the installed modules.
  const prettier = await import('prettier');
  const config = await prettier.resolveConfig(resolve(root, 'package.json'));
  return prettier.format(text, { ...config, parser });
};
