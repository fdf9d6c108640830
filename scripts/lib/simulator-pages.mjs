// What is made from the simulator's code and scenarios.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mainOf } from './built.mjs';
import { root } from './paths.mjs';
import { scenariosPage } from './simulator-scenarios.mjs';

/** The schema of seed files beside their example, and the lists of scenarios and of faults with a name. */
export const simulatorPages = async () => {
  const { seedJsonSchema } = await built('seed/seed-schema.js');
  const { namedFaults } = await built('control/named-faults/catalogue.js');
  const schema = JSON.stringify(seedJsonSchema(), null, 2);
  return {
    'apps/entra-simulator/examples/seed.schema.json': await formatted(schema, 'json'),
    'docs/simulator-scenarios.md': await formatted(scenariosPage(), 'markdown'),
    'docs/simulator-faults.md': await formatted(faultsPage(namedFaults), 'markdown'),
  };
};

const built = (file) => import(pathToFileURL(mainOf('entra-simulator', file)).href);

const sources = {
  D: "a document of Microsoft's",
  C: 'the source of a client',
  I: 'seen by others',
  '?': 'chosen here',
};

const faultsPage = (faults) => `# Faults of the Entra simulator, by name

\`POST /__control/faults\` with \`{"named": "…"}\` sets one, and so does the simulator's page. Made from
\`apps/entra-simulator/src/control/named-faults\` by \`npm run gen\`; what a rule can say stands in
[simulator.md](simulator.md#faults).

| name | what happens | scenario | known from |
|---|---|---|---|
${faults.map(faultRow).join('\n')}
`;

const faultRow = ({ name, tells, scenario, nasty, source, always, rule }) => {
  const what =
    always === undefined
      ? tells
      : `${tells} ${rule === null ? 'Always so' : 'Also without a rule'}: ${always}.`;
  const where = [scenario, nasty && `(${nasty})`].filter(Boolean).join(' ');
  return `| \`${name}\` | ${what.replaceAll('|', '\\|')} | ${where} | ${sources[source]} |`;
};

/** As the format check wants it. */
const formatted = async (text, parser) => {
  // Not at the top: it needs the installed modules.
  const prettier = await import('prettier');
  const config = await prettier.resolveConfig(resolve(root, 'package.json'));
  return prettier.format(text, { ...config, parser });
};
