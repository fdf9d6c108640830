// Which SQL one answer of the API is, as the API itself sends it: so that nobody has to copy it by hand, and copy it wrongly.
import { resolve } from 'node:path';
import { askBySignal } from '../lib/ask-by-signal.mjs';

const WARM_UP = 5;
const LOOKS = 5;
/** Begins and ends of transactions: whoever plays the statements again puts them into one of its own. */
const FRAME = /^\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b/i;

/** @returns the `environment` of an API that can be asked, and `statementsOf(pid, { url, token })` */
export const recorder = (folder) => {
  const { environment, ask } = askBySignal({ folder, file: resolve(import.meta.dirname, 'recorded.mjs') });
  return {
    environment,
    statementsOf: async (pid, { url, token }) => {
      const get = async () => {
        const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
        const { items } = await answer.json();
        if (!answer.ok || items.length === 0) throw new Error('There is no list to measure.');
      };
      for (let time = 0; time < WARM_UP; time += 1) await get();
      const looks = [];
      for (let look = 0; look < LOOKS; look += 1) {
        await ask(pid);
        await get();
        looks.push((await ask(pid)).filter(({ text }) => !FRAME.test(text)));
      }
      // What the API does besides, now and then, is in the longer ones.
      return looks.sort((a, b) => a.length - b.length)[0];
    },
  };
};
