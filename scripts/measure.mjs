// `npm run measure`: the sizes of docs/quality-floor.md for this tree.
import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { root } from './lib/paths.mjs';
import { failPlainly } from './lib/run.mjs';

const skipped = new Set(['node_modules', 'dist', 'generated', 'data']);
const isSpec = (file) => /\.(spec|int-spec|redis-spec|e2e-spec|contract)\.ts$/.test(file);
const isForTests = (file) => isSpec(file) || /\/testing\/|^test\//.test(file);

const main = async () => {
  const files = ['apps', 'libs', 'test'].flatMap(filesBelow).map((file) => ({ file, ...linesOf(file) }));
  const sources = files.filter(({ file }) => !isForTests(file));
  const specs = files.filter(({ file }) => isSpec(file));
  const functions = await functionLengths(sources.map(({ file }) => file));
  table([
    ['', 'count', 'median', 'p90', 'largest', 'target', 'stop'],
    row(
      'source file',
      sources.map(({ code }) => code),
      ['median ≤ 80, p90 ≤ 200', '300'],
    ),
    row(
      'spec file',
      specs.map(({ code }) => code),
      ['≤ 250', '400'],
    ),
    row('function', functions, ['median ≤ 12', '40']),
    row('names of an index.ts', sources.filter(isIndex).map(exportedNames), ['≤ 20', '30']),
  ]);
  const total = (list, what) => list.reduce((sum, each) => sum + each[what], 0);
  const comments = (100 * total(sources, 'comments')) / (total(sources, 'code') + total(sources, 'comments'));
  console.log(`\ncomment lines: ${comments.toFixed(1)} % of the sources (about 10 is usual)`);
  const ratio =
    total(
      files.filter(({ file }) => isForTests(file)),
      'code',
    ) / total(sources, 'code');
  console.log(`test code: ${ratio.toFixed(2)} × source code`);
  console.log(
    `largest files: ${sources
      .sort((a, b) => b.code - a.code)
      .slice(0, 5)
      .map(({ file, code }) => `${file} (${code})`)
      .join(', ')}`,
  );
};

const filesBelow = (folder) =>
  readdirSync(resolve(root, folder), { withFileTypes: true })
    .filter(({ name }) => !skipped.has(name))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(path) : path.endsWith('.ts') ? [path] : [];
    });

/** Lines with code, and lines that are comment and nothing else. */
const linesOf = (file) => {
  const lines = readFileSync(resolve(root, file), 'utf8')
    .split('\n')
    .map((line) => line.trim());
  const written = lines.filter((line) => line !== '');
  const comments = written.filter((line) => /^(\/\/|\/\*|\*)/.test(line)).length;
  return { code: written.length - comments, comments };
};

/** A core feature's index is its own; a lib has one. */
const isIndex = ({ file }) =>
  /^libs\/[^/]+\/src\/([^/]+\/)?index\.ts$/.test(file) && !file.includes('/testing/');

const exportedNames = ({ file }) =>
  [...readFileSync(resolve(root, file), 'utf8').matchAll(/\{([^}]*)\}/g)]
    .flatMap(([, names]) => names.split(','))
    .filter((name) => name.trim() !== '').length;

const functionLengths = async (files) => {
  const { default: ts } = await import('typescript');
  const lengths = [];
  const visit = (node, source) => {
    if (ts.isFunctionLike(node) && node.body !== undefined) {
      const line = (position) => source.getLineAndCharacterOfPosition(position).line;
      lengths.push(line(node.end) - line(node.getStart(source)) + 1);
    }
    ts.forEachChild(node, (child) => visit(child, source));
  };
  for (const file of files) {
    const source = ts.createSourceFile(
      file,
      readFileSync(resolve(root, file), 'utf8'),
      ts.ScriptTarget.Latest,
    );
    visit(source, source);
  }
  return lengths;
};

const row = (name, sizes, limits) => {
  const sorted = [...sizes].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return [name, sorted.length, at(0.5), at(0.9), sorted.at(-1) ?? 0, ...limits];
};

const table = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => String(cells[column]).length)));
  for (const cells of rows)
    console.log(cells.map((cell, column) => String(cell).padEnd(widths[column])).join('  '));
};

await main().catch(failPlainly);
