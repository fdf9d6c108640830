import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';

/** `.env.example`, from what the processes say that they read. */
export const environmentExample = async () => {
  const platform = pathToFileURL(resolve(root, 'dist/libs/platform/src/index.js')).href;
  const { describeConfig } = await import(platform);
  const sections = [...byConcern(describeConfig())].map(
    ([concern, variables]) => `## ${concern}\n\n${variables.map(entryOf).join('\n\n')}\n`,
  );
  return `# Every variable that Curfew reads. \`npm start\` needs none of them. Made by \`npm run gen\`.\n\n${sections.join('\n')}`;
};

const byConcern = (variables) => {
  const groups = new Map();
  for (const variable of variables)
    groups.set(variable.concern, [...(groups.get(variable.concern) ?? []), variable]);
  return groups;
};

const entryOf = ({ name, meaning, default: fallback, required, fileVariable, processes }) => {
  const need = required ? 'Required' : fallback === null ? 'Optional' : `Default: ${fallback}`;
  const file = fileVariable === null ? '' : ` Or ${fileVariable}: a file that holds it.`;
  return `# ${meaning}\n# ${need}. Read by: ${processes.join(', ')}.${file}\n${required ? '' : '# '}${name}=${fallback ?? ''}`;
};
