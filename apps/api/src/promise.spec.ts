import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PROMISE } from '#contracts';
import { buildOpenApi } from './openapi/openapi.js';

const ROOT = resolve(__dirname, '../../..');

/** The text without line breaks and quotation marks of Markdown: what a reader reads. */
const wordsOf = (path: string): string =>
  readFileSync(resolve(ROOT, path), 'utf8').replace(/^> ?/gm, '').replace(/\s+/g, ' ');

describe('the promise', () => {
  const sentences = Object.values(PROMISE);

  it.each(['README.md', 'docs/promise.md'])('stands in %s word for word', (path) => {
    const words = wordsOf(path);

    expect(sentences.filter((sentence) => !words.includes(sentence))).toEqual([]);
  });

  it("stands in the API's description word for word", () => {
    const { info } = buildOpenApi() as { readonly info: { readonly description: string } };

    expect(sentences.filter((sentence) => !info.description.includes(sentence))).toEqual([]);
  });
});
