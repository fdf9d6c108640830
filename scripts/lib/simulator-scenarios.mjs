// The scenarios that the simulator plays, and which tests prove them.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { root } from './paths.mjs';

const app = 'apps/entra-simulator';
const oneOrRange = String.raw`S\d{3}(?:\s?[–-]\s?S\d{3})?`;
const idList = new RegExp(String.raw`\b(${oneOrRange}(?:,\s*${oneOrRange})*):`);

/** @returns {{ id: string, nasty?: string, area: string, title: string, leftOut?: string }[]} */
export const readScenarios = () => JSON.parse(readFileSync(resolve(root, app, 'scenarios.json'), 'utf8'));

/** The ids that a test's name begins with: `S032, S034: …` and `S001–S003: …`. */
export const idsIn = (name) => {
  const list = idList.exec(name)?.[1] ?? '';
  return list.split(',').flatMap((part) => {
    const [first, last = first] = [...part.matchAll(/S(\d{3})/g)].map((match) => Number(match[1]));
    if (first === undefined) return [];
    return Array.from({ length: last - first + 1 }, (_, i) => `S${String(first + i).padStart(3, '0')}`);
  });
};

/** What the tests say of each scenario. `tests` are those of Jest's report: name and status. */
export const judge = (scenarios, tests) => {
  const byId = new Map(scenarios.map(({ id }) => [id, []]));
  const unknown = [];
  for (const test of tests) {
    for (const id of idsIn(test.name)) {
      if (byId.has(id)) byId.get(id).push(test);
      else unknown.push(`${id} in "${test.name}"`);
    }
  }
  const verdicts = scenarios.map((scenario) => ({
    ...scenario,
    ...verdictOn(scenario, byId.get(scenario.id)),
  }));
  return { verdicts, unknown };
};

const verdictOn = ({ leftOut }, tests) => {
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const failed = tests.filter(({ status }) => status === 'failed').length;
  const verdict = failed > 0 ? 'FAIL' : passed > 0 ? 'pass' : leftOut ? 'left out' : 'FAIL';
  return { verdict, tests: passed + failed };
};

/** docs/simulator-scenarios.md: the list, with where each is proved. */
export const scenariosPage = () => {
  const specs = specsById();
  const rows = readScenarios().map(({ id, nasty = '', area, title, leftOut }) => {
    const proof = [...(specs.get(id) ?? [])].map((path) => `[${basename(path)}](../${path})`).join(', ');
    return `| ${id} | ${nasty} | ${area} | ${title.replaceAll('|', '\\|')} | ${proof || (leftOut ?? '')} |`;
  });
  return `# Scenarios of the Entra simulator

What a faithful Graph must show, one line each. N1 to N20 are the twenty nasty ones. A test proves a scenario when its name
begins with the scenario's id; \`npm run test:simulator\` runs them and says which hold. Made from
\`${app}/scenarios.json\` and the names of the tests by \`npm run gen\`.

| id | nasty | area | what | proved by |
|---|---|---|---|---|
${rows.join('\n')}
`;
};

const specsById = () => {
  const specs = new Map();
  for (const path of specFiles(`${app}/src`).sort()) {
    for (const [, , name] of readFileSync(resolve(root, path), 'utf8').matchAll(
      /(['"`])(S\d{3}[^'"`\n]*)/g,
    )) {
      // A table of cases may have the id in a column of its own.
      const ids = /^S\d{3}$/.test(name) ? [name] : idsIn(name);
      for (const id of ids) specs.set(id, (specs.get(id) ?? new Set()).add(path));
    }
  }
  return specs;
};

const specFiles = (folder) =>
  readdirSync(resolve(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return specFiles(path);
    return /\.(int-)?spec\.ts$/.test(entry.name) ? [path] : [];
  });
