import fc from 'fast-check';
import { judgeImportLine, nameKey } from './judge-import-line.js';

const TENANT = '0c0470c0-1111-4000-8000-00000000c070';

describe('judgeImportLine', () => {
  it('takes a name alone, and everything that may be said besides', () => {
    expect(judgeImportLine({ name: '  Contoso ' })).toEqual({ name: 'Contoso', expected: null });
    expect(
      judgeImportLine({
        name: 'Zürich & Söhne "AG"',
        tenantId: ` ${TENANT.toUpperCase()} `,
        cloud: 'China',
        domain: 'Contoso.PartnerSchmOnmschina.cn',
      }),
    ).toEqual({
      name: 'Zürich & Söhne "AG"',
      expected: { cloud: 'china', tenantId: TENANT, domain: 'contoso.partnerschmonmschina.cn' },
    });
  });

  it('takes empty cells for nothing said, and the global cloud where none is named', () => {
    expect(judgeImportLine({ name: 'A', tenantId: '', cloud: ' ', domain: '' })).toEqual({
      name: 'A',
      expected: null,
    });
    expect(judgeImportLine({ name: 'A', tenantId: TENANT })).toMatchObject({
      expected: { cloud: 'global', domain: null },
    });
  });

  it.each(['=cmd|’ /C calc’!A0', '@work', '+41 AG', '-', '<script>', "Robert'); DROP TABLE customer;--"])(
    'takes %s for what it is: a name',
    (name) => {
      expect(judgeImportLine({ name })).toEqual({ name, expected: null });
    },
  );

  it.each<readonly [object, string, string]>([
    [{}, 'name_missing', 'name'],
    [{ name: '   ' }, 'name_missing', 'name'],
    [{ name: 'A\u0007B' }, 'name_unusable', 'name'],
    [{ name: 'A\nB' }, 'name_unusable', 'name'],
    [{ name: 'M\ufffdller' }, 'name_unusable', 'name'],
    [{ name: 'A\u2028B' }, 'name_unusable', 'name'],
    [{ name: 'half of \ud83d' }, 'name_unusable', 'name'],
    [{ name: 'x'.repeat(201) }, 'name_too_long', 'name'],
    [{ name: 'A', tenantId: 'contoso.com' }, 'tenant_id_malformed', 'tenantId'],
    [{ name: 'A', tenantId: `{${TENANT}}` }, 'tenant_id_malformed', 'tenantId'],
    [{ name: 'A', tenantId: '00000000-0000-0000-0000-000000000000' }, 'tenant_id_malformed', 'tenantId'],
    [{ name: 'A', cloud: 'Germany' }, 'cloud_unknown', 'cloud'],
    [{ name: 'A', domain: 'https://contoso.com' }, 'domain_malformed', 'domain'],
    [{ name: 'A', domain: '@contoso.com' }, 'domain_malformed', 'domain'],
    [{ name: 'A', domain: 'contoso' }, 'domain_malformed', 'domain'],
    [{ name: 'A', domain: `${'a.'.repeat(130)}com` }, 'domain_malformed', 'domain'],
  ])('says of %j: %s', (cells, code, column) => {
    expect(judgeImportLine(cells)).toEqual({ code: `customer_import.${code}`, column });
  });

  it('never keeps a name that can’t be printed in a line, whatever is sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const judged = judgeImportLine({ name });
        if ('code' in judged) return;
        expect(judged.name).toMatch(/^[^\p{Cc}\u2028\u2029]{1,200}$/u);
        expect(judged.name.trim()).toBe(judged.name);
      }),
    );
  });
});

describe('nameKey', () => {
  it('is the same for names that people take for the same', () => {
    const [one, ...others] = ['Contoso  Ltd', 'contoso ltd', ' CONTOSO\u00a0LTD '].map(nameKey);

    expect(new Set([one, ...others]).size).toBe(1);
    expect(nameKey('Zu\u0308rich')).toBe(nameKey('Z\u00fcrich'));
    expect(nameKey('Contoso AG')).not.toBe(one);
  });
});
