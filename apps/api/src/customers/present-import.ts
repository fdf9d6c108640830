import type { CustomerImportOut } from '#contracts';
import { customerImportErrors, type CustomerImport, type ImportedLine } from '#core/tenancy';

export const presentImport = ({ written, lines }: CustomerImport): CustomerImportOut => {
  const count = (status: ImportedLine['status']): number =>
    lines.filter((line) => line.status === status).length;
  return {
    written,
    counts: { created: count('created'), exists: count('exists'), wrong: count('wrong') },
    lines: lines.map(presentLine),
  };
};

const presentLine = (imported: ImportedLine): CustomerImportOut['lines'][number] => {
  const { line, name, status, customerId, fault, sameAsLine } = imported;
  if (fault === null) return { line, name, status, customerId, wrong: null };
  const { title: says, remedy: mend } = customerImportErrors.definitions[fault.code];
  const { code, column } = fault;
  return { line, name, status, customerId, wrong: { code, column, says, mend, sameAsLine } };
};
