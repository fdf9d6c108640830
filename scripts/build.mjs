// `npm run build`: compiles all apps and libs into dist/, only what changed.
import { ensureBuilt } from './lib/built.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { failPlainly } from './lib/run.mjs';

await ensureInstalled()
  .then(() => ensureBuilt())
  .catch(failPlainly);
