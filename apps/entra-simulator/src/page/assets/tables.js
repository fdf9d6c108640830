// Fills the page's tables.
import { partRow, requestRow } from './rows.js';

const headingsOf = (table) => [...table.tHead.rows[0].cells].map((cell) => cell.textContent);

/** One row of cells, each with its column's heading for narrow screens. */
export const rowOf = (build, headings, cells) =>
  build(
    'tr',
    { role: 'row' },
    ...cells.map((cell, i) =>
      i === 0
        ? build('th', { scope: 'row', role: 'rowheader', 'data-heading': headings[i] }, cell)
        : build('td', { role: 'cell', 'data-heading': headings[i] }, cell),
    ),
  );

/** Puts the rows into the table unless they stand there already. */
export const tableOf = (build, table, rows) => {
  const text = JSON.stringify(rows);
  if (table.dataset.shown === text) return;
  table.dataset.shown = text;
  const headings = headingsOf(table);
  table.tBodies[0].replaceChildren(...rows.map((cells) => rowOf(build, headings, cells)));
};

/** A request: what it was, and what can be opened: the parts of a batch and remarks. */
export const requestLine = (build, table, entry) => {
  const { cells, isRefused, remarks } = requestRow(entry);
  const lines = [...remarks, ...(entry.parts ?? []).map(partRow)];
  const list = () => build('ul', {}, ...lines.map((line) => build('li', {}, line)));
  const summary = entry.parts === undefined ? 'remarks' : `${entry.parts.length} parts`;
  const more = lines.length === 0 ? '' : build('details', {}, build('summary', {}, summary), list());
  const row = rowOf(build, headingsOf(table), [...cells, more]);
  if (isRefused) row.setAttribute('class', 'refused');
  return row;
};
