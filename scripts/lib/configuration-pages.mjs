// What the processes say that they read from the environment, as pages.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';

/** `.env.example` and docs/reference/configuration.md. */
export const configurationPages = async () => {
  const platform = pathToFileURL(resolve(root, 'dist/libs/platform/src/index.js')).href;
  const { describeConfig } = await import(platform);
  const concerns = byConcern(describeConfig());
  return { '.env.example': example(concerns), 'docs/reference/configuration.md': page(concerns) };
};

const byConcern = (variables) => {
  const concerns = new Map();
  for (const each of variables) concerns.set(each.concern, [...(concerns.get(each.concern) ?? []), each]);
  return [...concerns];
};

const needOf = ({ required, default: fallback }) =>
  required ? 'required' : fallback === null ? 'optional' : `default ${fallback}`;

const example = (concerns) => {
  const sections = concerns.map(
    ([name, variables]) => `## ${name}\n\n${variables.map(entryOf).join('\n\n')}\n`,
  );
  return `# Every variable that Curfew reads. \`npm start\` needs none of them. Made by \`npm run gen\`.\n\n${sections.join('\n')}`;
};

const entryOf = (variable) => {
  const { name, meaning, default: fallback, required, fileVariable, processes } = variable;
  const file = fileVariable === null ? '' : ` Or ${fileVariable}: a file that holds it.`;
  const line = `${required ? '' : '# '}${name}=${fallback ?? ''}`;
  return `# ${meaning}\n# ${needOf(variable)}; read by ${processes.join(', ')}.${file}\n${line}`;
};

const page = (concerns) => `# Configuration

Made by \`npm run gen\` from \`libs/platform/src/config\`. Each process reads what it needs once, at its start, and names every problem
together: the variable and the reason, never the value. A secret may come from a file that its \`…_FILE\` variable names.

${concerns.map(sectionOf).join('\n')}`;

const sectionOf = ([name, variables]) => `## ${name}

| variable | need | read by | meaning |
| -------- | ---- | ------- | ------- |
${variables.map(rowOf).join('\n')}
`;

const rowOf = (variable) => {
  const { name, meaning, fileVariable, processes } = variable;
  const names = [name, fileVariable].filter(Boolean).map((each) => `\`${each}\``);
  return `| ${names.join(' or ')} | ${needOf(variable)} | ${processes.join(', ')} | ${meaning} |`;
};
