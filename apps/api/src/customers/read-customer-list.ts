import { parse } from 'csv-parse/sync';
import {
  customerImportErrors,
  IMPORT_COLUMNS,
  MOST_IMPORT_LINES,
  type ImportColumn,
  type ListedCustomer,
} from '#core/tenancy';

/** No customer needs more: a name of 200 characters in quotes, a tenant, a cloud and a domain. */
const MOST_LINE = 2_000;
const MOST_SHOWN = 40;
/** What spreadsheets put between cells; which of them, the header tells. */
const DELIMITERS = [',', ';', '\t'] as const;
/** As it must not be sent at all. */
const SECRET = /secret|password|passphrase|credential|private|key|certificate|token/i;

/**
 * Reads a list of customers: CSV with a header, with commas, semicolons or tabs, any line ends, with or without a byte order
 * mark. Each line is read by itself, since no cell of a customer goes on in the next: a wrong quote spoils one line. Throws
 * `customer_import.…` when the list as a whole can't be read.
 */
export const readCustomerList = (text: string): readonly ListedCustomer[] => {
  const { lines, first, delimiter: told } = bodyOf(text);
  const [header = '', ...rest] = lines;
  const delimiter = told ?? delimiterOf(header);
  const columns = columnsIn(header, delimiter);
  const filled = rest
    .map((content, index) => ({ line: first + 1 + index, content }))
    .filter(({ content }) => content.replaceAll(delimiter, '').trim() !== '');
  if (filled.length === 0) throw customerImportErrors.refuse('customer_import.empty');
  if (filled.length > MOST_IMPORT_LINES)
    throw customerImportErrors.refuse('customer_import.too_many', { maximum: MOST_IMPORT_LINES });
  return filled.map(({ line, content }) => readLine({ line, content }, columns, delimiter));
};

/** Without what spreadsheets put before the header: a byte order mark, a line that tells the delimiter, empty lines. */
const bodyOf = (text: string) => {
  const all = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const told = /^"?sep=(.)"?$/i.exec(all[0]?.trim() ?? '')?.[1] ?? null;
  const after = told === null ? 0 : 1;
  const begin = all.findIndex((line, index) => index >= after && line.trim() !== '');
  const skipped = begin < 0 ? all.length : begin;
  return { lines: all.slice(skipped), first: skipped + 1, delimiter: told };
};

/** By which the header falls into most cells. */
const delimiterOf = (header: string): string => {
  const counts = DELIMITERS.map((each) => cellsOf(header, each)?.length ?? 0);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
};

/** Null: its quotes are wrong. */
const cellsOf = (line: string, delimiter: string): readonly string[] | null => {
  try {
    const [cells = []] = parse(line, { delimiter, relax_column_count: true, trim: true });
    return cells;
  } catch {
    return null;
  }
};

const columnsIn = (header: string, delimiter: string): readonly ImportColumn[] => {
  // Spreadsheets leave empty cells at the end.
  const names = header.length > MOST_LINE ? [] : (cellsOf(header, delimiter) ?? []);
  const named = names.slice(0, names.findLastIndex((name) => name !== '') + 1);
  const columns = named.map((name) => IMPORT_COLUMNS.find((column) => keyOf(column) === keyOf(name)) ?? null);
  const unknown = named.filter((_, index) => columns[index] === null);
  const secret = unknown.filter((name) => SECRET.test(name));
  if (secret.length > 0) throw refusal('customer_import.secrets_refused', secret);
  if (!columns.includes('name')) throw customerImportErrors.refuse('customer_import.header_missing');
  if (unknown.length > 0) throw refusal('customer_import.columns_unknown', unknown);
  const twice = named.filter((_, index) => columns.indexOf(columns[index] ?? null) !== index);
  if (twice.length > 0) throw refusal('customer_import.columns_twice', twice);
  return columns.filter((column) => column !== null);
};

const keyOf = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, '');

/** Names of columns only as far as they are words: a header that is none may hold anything. */
const refusal = (
  code: Parameters<typeof customerImportErrors.refuse>[0],
  columns: readonly string[],
): Error => {
  const shown = columns.map((name) => (/^[\p{L}\p{N} _.-]+$/u.test(name) ? name : '(unprintable)'));
  return customerImportErrors.refuse(code, {
    columns: shown.slice(0, 10).map((name) => name.slice(0, MOST_SHOWN)),
  });
};

const readLine = (
  { line, content }: { readonly line: number; readonly content: string },
  columns: readonly ImportColumn[],
  delimiter: string,
): ListedCustomer => {
  const fault = (code: Parameters<typeof customerImportErrors.refuse>[0]): ListedCustomer => ({
    line,
    fault: { code, column: null },
  });
  if (content.length > MOST_LINE) return fault('customer_import.line_too_long');
  const cells = cellsOf(content, delimiter);
  if (cells === null) return fault('customer_import.quote_wrong');
  const beyond = cells.slice(columns.length).some((cell) => cell !== '');
  if (beyond) return fault('customer_import.cells_wrong');
  return { line, cells: Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ''])) };
};
