// What a bench hands out: a table for people, and one line per sample for whoever wants to count again.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { relative, resolve } from 'node:path';
import { root } from '../../scripts/lib/paths.mjs';

/** @param {string[][]} rows the first is the heading */
export const table = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const [heading, ...body] = rows.map(line);
  return [heading, rule, ...body].join('\n');
};

/** Writes the samples as CSV, with every column that any of them has; answers where to. */
export const writeSamples = (name, samples) => {
  const directory = resolve(root, 'bench/results');
  mkdirSync(directory, { recursive: true });
  const columns = [...new Set(samples.flatMap(Object.keys))];
  const lines = samples.map((sample) => columns.map((column) => sample[column] ?? '').join(','));
  const file = resolve(directory, `${name}.csv`);
  writeFileSync(file, `${[columns.join(','), ...lines].join('\n')}\n`);
  return relative(root, file);
};

/** The machine, without its name. */
export const machine = () =>
  `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${process.platform}-${process.arch}`;
