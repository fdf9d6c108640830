import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';

/** docs/architecture/grant-lifecycle.md, from the transition table itself. */
export const lifecyclePage = async () => {
  const grants = pathToFileURL(resolve(root, 'dist/libs/core/src/grants/index.js')).href;
  const { grantTransitions } = await import(grants);
  const moves = Object.entries(grantTransitions).flatMap(([event, { from, to }]) =>
    from.map((state) => ({ event, from: state, to: to ?? state })),
  );
  const arrows = moves.map(({ event, from, to }) => `  ${from} --> ${to}: ${event}`);
  const rows = moves.map(({ event, from, to }) => `| ${from} | ${event} | ${to} |`);
  const page = `${intro}

\`\`\`mermaid
stateDiagram-v2
  [*] --> scheduled
${arrows.join('\n')}
  ended --> [*]
\`\`\`

| from | event | to |
| ---- | ----- | -- |
${rows.join('\n')}

${outro}
`;
  // Not at the top: it needs the installed modules.
  const prettier = await import('prettier');
  return prettier.format(page, {
    ...(await prettier.resolveConfig(resolve(root, 'README.md'))),
    parser: 'markdown',
  });
};

const intro = `# The life of a grant

Made by \`npm run gen\` from \`grantTransitions\` in \`libs/core/src/grants/grant-lifecycle.ts\`; any other move throws
\`grant.illegal_transition\`.`;

const outro = `- **start**: its \`startsAt\` has come and the work on the account begins.
- **activate**: everything that it gives was accepted by Entra; a credential may be revealed.
- **fail**: it could not be given; whatever was given of it is taken away (\`end\` follows).
- **end**: \`expiresAt\` has come, or somebody ended it. \`endingAt\` is the instant from which the end is owed.
- **confirm**: every take-away was answered by Entra; the state stays, \`takenAt\` is set.
- **prove**: a read-back of the account showed nothing left of the grant; the proof is kept with it.

A managed account has no such life: what it should be is derived from the grants at every look (ADR 3).`;
