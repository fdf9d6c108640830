import fc from 'fast-check';
import { DomainError } from '#core/shared';
import { IMPORT_COLUMNS, MOST_IMPORT_LINES } from '#core/tenancy';
import { readCustomerList } from './read-customer-list.js';

const TENANT = '0c0470c0-1111-4000-8000-00000000c070';

const refusalOf = (text: string) => {
  try {
    readCustomerList(text);
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code, details: error.details };
    throw error;
  }
  return null;
};
const faultIn = (text: string) =>
  readCustomerList(text).map((read) => ('fault' in read ? read.fault.code : null));

describe('readCustomerList', () => {
  it.each([
    ['commas', `name,tenantId\nContoso,${TENANT}\n`],
    ['semicolons', `name;tenantId\nContoso;${TENANT}`],
    ['tabs', `name\ttenantId\nContoso\t${TENANT}`],
    ['a byte order mark and Windows’ line ends', `\ufeffname,tenantId\r\nContoso,${TENANT}\r\n`],
    ['old line ends', `name,tenantId\rContoso,${TENANT}\r`],
    ['quotes, and blanks around them', `"name" , "tenantId"\n "Contoso" , "${TENANT}" `],
    ['other words for the columns, in another order', `Tenant ID,NAME\n${TENANT},Contoso`],
    ['empty cells at the end', `name,tenantId,,\nContoso,${TENANT},,`],
  ])('reads %s', (_, text) => {
    expect(readCustomerList(text)).toEqual([{ line: 2, cells: { name: 'Contoso', tenantId: TENANT } }]);
  });

  it('counts lines as an editor does, and passes over empty ones', () => {
    const read = readCustomerList('sep=;\n\nname;domain\n\nContoso;\n;\n  \nFabrikam;fabrikam.example');

    expect(read).toEqual([
      { line: 5, cells: { name: 'Contoso', domain: '' } },
      { line: 8, cells: { name: 'Fabrikam', domain: 'fabrikam.example' } },
    ]);
  });

  it('takes what stands in quotes as it is', () => {
    const [read] = readCustomerList('name,domain\n"Müller, ""Nord"" & Co; KG",x.example');

    expect(read).toMatchObject({ cells: { name: 'Müller, "Nord" & Co; KG', domain: 'x.example' } });
  });

  it('says of a line what keeps it from being read, and goes on', () => {
    const text = [
      'name,domain',
      'Conto"so,',
      '"Fabrikam,x.example',
      '"North"wind,',
      'Litware,x.example,and more',
      `${'x'.repeat(2_001)},`,
      'Adatum,',
    ].join('\n');

    expect(faultIn(text)).toEqual([
      'customer_import.quote_wrong',
      'customer_import.quote_wrong',
      'customer_import.quote_wrong',
      'customer_import.cells_wrong',
      'customer_import.line_too_long',
      null,
    ]);
  });

  it('takes a cell that goes on in the next line for two wrong ones', () => {
    expect(faultIn('name\n"Contoso\nLtd"\nFabrikam')).toEqual([
      'customer_import.quote_wrong',
      'customer_import.quote_wrong',
      null,
    ]);
  });

  it.each<readonly [string, string, object]>([
    ['', 'header_missing', {}],
    ['\n\n', 'header_missing', {}],
    ['name', 'empty', {}],
    ['name,domain\n,\n , \n', 'empty', {}],
    [`Contoso,${TENANT}\nFabrikam,`, 'header_missing', {}],
    ['tenantId\nx', 'header_missing', {}],
    ['"name\nContoso', 'header_missing', {}],
    ['name,phone,"=cmd|x"\nContoso,1,2', 'columns_unknown', { columns: ['phone', '(unprintable)'] }],
    ['name,Name\nContoso,Contoso', 'columns_twice', { columns: ['Name'] }],
    ['name,clientSecret\nContoso,abc', 'secrets_refused', { columns: ['clientSecret'] }],
    ['name,Client Id,Password\nContoso,1,abc', 'secrets_refused', { columns: ['Password'] }],
    [`name\n${'x\n'.repeat(MOST_IMPORT_LINES + 1)}`, 'too_many', { maximum: MOST_IMPORT_LINES }],
  ])('refuses the list as a whole: %j is %s', (text, code, details) => {
    expect(refusalOf(text)).toEqual({ code: `customer_import.${code}`, details });
  });

  it('reads back every cell that is quoted as it should be', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replace(/[\r\n]/g, ''));
    fc.assert(
      fc.property(cell, fc.constantFrom(',', ';', '\t'), (name, delimiter) => {
        fc.pre(name.trim() !== '' && name.trim() === name);
        const quoted = `"${name.replaceAll('"', '""')}"`;
        const [read] = readCustomerList(`name${delimiter}domain\n${quoted}${delimiter}x.example`);
        expect(read).toEqual({ line: 2, cells: { name, domain: 'x.example' } });
      }),
    );
  });

  it('answers or refuses whatever it is given, and never fails otherwise', () => {
    const sign = fc.constantFrom(
      ...IMPORT_COLUMNS,
      ',',
      ';',
      '\t',
      '"',
      '""',
      '\n',
      '\r',
      ' ',
      '\ufeff',
      '=',
      '\0',
      'x',
    );
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 60 }), fc.boolean(), (signs, isHeaded) => {
        refusalOf(`${isHeaded ? 'name,domain\n' : ''}${signs.join('')}`);
      }),
    );
  });
});
