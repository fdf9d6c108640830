// Preloaded into a process of Curfew (--import): Microsoft's names of key vaults and of the sign-in before them lead to this
// machine, where a test plays them.
import dns from 'node:dns';

const PLAYED = /(^|\.)vault\.azure\.net$|^login\.microsoftonline\.com$/;
const HERE = { address: '127.0.0.1', family: 4 };
const ask = dns.lookup;

dns.lookup = (name, ...rest) => {
  if (!PLAYED.test(name)) return ask(name, ...rest);
  const options = typeof rest[0] === 'object' ? rest[0] : {};
  const answer = rest.at(-1);
  process.nextTick(() => {
    if (options.all === true) answer(null, [HERE]);
    else answer(null, HERE.address, HERE.family);
  });
};
