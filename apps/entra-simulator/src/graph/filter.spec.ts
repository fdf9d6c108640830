import { equalTo, filterRefusal, parseFilter, passesFilter, type FilterRules } from './filter.js';

const rules: FilterRules = {
  userPrincipalName: { basic: ['eq', 'startsWith'], advanced: ['endsWith'] },
  'attributes/one': { basic: ['eq'] },
};
const reader = (row: Record<string, unknown>) => (name: string) => row[name];

describe('$filter', () => {
  it('reads clauses joined by and, with quotes inside values', () => {
    const clauses = parseFilter("displayName eq 'O''Neil and sons' and accountEnabled eq true");

    expect(clauses).toEqual([
      { property: 'displayName', operator: 'eq', values: ["O'Neil and sons"] },
      { property: 'accountEnabled', operator: 'eq', values: [true] },
    ]);
  });

  it('compares strings without case and reaches into complex properties', () => {
    const row = reader({ userPrincipalName: 'Ada@X', attributes: { one: 'M' } });

    expect(passesFilter(parseFilter("userPrincipalName eq 'ada@x'"), row)).toBe(true);
    expect(passesFilter(parseFilter("startswith(userPrincipalName,'ADA')"), row)).toBe(true);
    expect(passesFilter(parseFilter("attributes/one eq 'm'"), row)).toBe(true);
    expect(passesFilter(parseFilter("userPrincipalName in ('x', 'ada@x')"), row)).toBe(true);
    expect(passesFilter(parseFilter("userPrincipalName eq 'bob'"), row)).toBe(false);
  });

  it('tells which value is asked for, so that a look-up can go by it', () => {
    expect(equalTo(parseFilter("principalId eq 'p' and roleDefinitionId eq 'r'"), 'principalId')).toBe('p');
    expect(equalTo(parseFilter("startsWith(principalId,'p')"), 'principalId')).toBeUndefined();
  });

  it.each(["a eq 'x' or b eq 'y'", "not(a eq 'x')", "members/any(m:m/id eq 'x')"])(
    'S033: %s is unsupported, not silently ignored',
    (text) => {
      expect(() => parseFilter(text)).toThrow('Unsupported Query.');
    },
  );

  it('refuses a property or an operator beyond the rules', () => {
    const basic = { isAdvanced: false, resource: 'User' };

    expect(filterRefusal(parseFilter("other eq 'x'"), rules, basic)?.code).toBe('Request_UnsupportedQuery');
    expect(filterRefusal(parseFilter("endsWith(userPrincipalName,'x')"), rules, basic)).toBeDefined();
    expect(
      filterRefusal(parseFilter("endsWith(userPrincipalName,'x')"), rules, { ...basic, isAdvanced: true }),
    ).toBeUndefined();
  });
});
