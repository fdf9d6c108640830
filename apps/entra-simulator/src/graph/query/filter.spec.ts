import { conjuncts, equalTo } from '../filter.js';
import { predicateOf } from './filter-match.js';
import { parseFilter } from './filter-parser.js';
import { judgeFilter } from './filter-rules.js';
import { describedRules } from './property-rules.js';

const passes = (text: string, row: Record<string, unknown>): boolean =>
  predicateOf(parseFilter(text))((name) => row[name]);

const refusal = (text: string, isAdvanced = false, type: 'user' | 'group' = 'user'): string => {
  try {
    const resource = type === 'user' ? 'User' : 'Group';
    judgeFilter(parseFilter(text), { type, resource, rules: describedRules(type), isAdvanced });
    return 'taken';
  } catch (error) {
    return (error as Error).message;
  }
};

const ada = {
  displayName: "Ada O'Neil",
  accountEnabled: true,
  department: null,
  createdDateTime: '2026-03-01T09:00:00Z',
  proxyAddresses: ['SMTP:ada@x.example', 'smtp:lady@x.example'],
  assignedLicenses: [{ skuId: '84a661c4-e949-4bd2-a560-ed7766fcaf2b' }],
  onPremisesExtensionAttributes: { extensionAttribute1: 'M' },
};

describe('$filter', () => {
  it.each([
    ["displayName eq 'ada o''neil'", true],
    ["displayName eq 'ada' or accountEnabled eq true", true],
    ["displayName eq 'ada' or accountEnabled eq true and department ne null", false],
    ["(displayName eq 'ada' or accountEnabled eq true) and department eq null", true],
    ["not (startsWith(displayName,'A'))", false],
    ["NOT startswith(displayName, 'b') AND accountEnabled Eq True", true],
    ["startsWith(displayName,'ada') eq true", true],
    ["displayName in ('bob', 'ada o''neil')", true],
    ["endsWith(displayName,'NEIL')", true],
    ["contains(displayName,'o''n')", true],
    ['createdDateTime ge 2026-03-01T10:00:00+01:00', true],
    ['createdDateTime lt 2026-03-01', false],
    ['createdDateTime le 2026-03-02', true],
    ["proxyAddresses/any(p:endsWith(p,'lady@x.example'))", true],
    ["proxyAddresses/any(p:p eq 'smtp:nobody@x.example')", false],
    ['proxyAddresses/any()', true],
    ['assignedLicenses/any(x:x/skuId eq 84a661c4-e949-4bd2-a560-ed7766fcaf2b)', true],
    ['assignedLicenses/$count ne 0', true],
    ["onPremisesExtensionAttributes/extensionAttribute1 eq 'm'", true],
    ["department gt 'a'", false],
  ])('%s is %s', (text, expected) => {
    expect(passes(text, ada)).toBe(expected);
  });

  it.each([
    [
      "displayName eq 'open",
      "Invalid filter clause: There is an unterminated string literal at position 20 in 'displayName eq 'open'.",
    ],
    [
      "(displayName eq 'x'",
      "Invalid filter clause: Expression expected at position 19 in '(displayName eq 'x''.",
    ],
    ['displayName is ok', "Invalid filter clause: Syntax error at position 12 in 'displayName is ok'."],
    ['', "Invalid filter clause: Expression expected at position 0 in ''."],
    [
      'displayName eq "x"',
      "Invalid filter clause: Syntax error: character '\"' is not valid at position 15 in 'displayName eq \"x\"'.",
    ],
    [`${'('.repeat(40)}id eq 'x'`, 'Invalid filter clause: the recursion limit has been exceeded.'],
    [`id eq '${'x'.repeat(9000)}'`, 'Invalid filter clause: the expression is too long.'],
  ])('%s is no filter', (text, message) => {
    expect(refusal(text)).toBe(message);
  });

  it.each([
    "userPrincipalName eq 'a@b'",
    "startsWith(displayName,'a')",
    "id in ('a','b')",
    'accountEnabled eq false',
    "department ge 'a'",
    "proxyAddresses/any(p:startsWith(p,'smtp'))",
    "displayName eq 'a' or displayName eq 'b'",
  ])('%s works by default', (text) => {
    expect([refusal(text), refusal(text, true)]).toEqual(['taken', 'taken']);
  });

  it.each([
    "endsWith(userPrincipalName,'@x')",
    "displayName ne 'a'",
    "not (displayName eq 'a')",
    'displayName eq null',
    "employeeType eq 'jit'",
    "onPremisesExtensionAttributes/extensionAttribute15 eq 'm'",
    'assignedLicenses/$count eq 0',
    "proxyAddresses/any(p:endsWith(p,'x'))",
    "displayName ge 'a'",
  ])('S033: %s needs the advanced parameters', (text) => {
    expect([refusal(text), refusal(text, true)]).toEqual(['Unsupported Query.', 'taken']);
  });

  it('S033: what is not indexed, not supported or not there is refused in different words', () => {
    const unsupported = (property: string) =>
      `Unsupported or invalid query filter clause specified for property '${property}' of resource 'User'.`;

    expect(refusal("aboutMe eq 'x'")).toBe(unsupported('aboutMe'));
    expect(refusal("aboutMe eq 'x'", true)).toBe('The request uses a filter property that is not indexed');
    expect(refusal("contains(displayName,'x')", true)).toBe(unsupported('displayName'));
    expect(refusal("displayName gt 'x'", true)).toBe(unsupported('displayName'));
    expect(refusal("surename eq 'x'")).toBe(
      "Invalid filter clause: Could not find a property named 'surename' on type 'microsoft.graph.user'.",
    );
  });

  it('types that do not fit are refused', () => {
    const clash = (one: string, other: string) =>
      `Invalid filter clause: A binary operator with incompatible types was detected. Found operand types 'Edm.${one}' and 'Edm.${other}' for operator kind 'Equal'.`;

    expect(refusal("accountEnabled eq 'true'")).toBe(clash('Boolean', 'String'));
    expect(refusal('displayName eq 7')).toBe(clash('String', 'Number'));
    expect(refusal("proxyAddresses eq 'x'")).toBe(clash('Collection', 'String'));
    expect(refusal("displayName/any(x:x eq 'a')")).toContain('may only be used following a collection');
  });

  it('a group is found by being dynamic or assignable to roles', () => {
    expect(refusal("groupTypes/any(c:c eq 'DynamicMembership')", false, 'group')).toBe('taken');
    expect(refusal('isAssignableToRole eq true', false, 'group')).toBe('taken');
    expect(refusal("not groupTypes/any(c:c eq 'DynamicMembership')", false, 'group')).toBe(
      'Unsupported Query.',
    );
  });

  it('takes no more than 15 alternatives', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `id eq '${i}'`).join(' or ');

    expect(refusal(many(15))).toBe('taken');
    expect(refusal(many(16))).toContain('Max allowed: 15.');
    expect(refusal(`id in (${Array.from({ length: 16 }, () => "'x'").join(',')})`)).toContain(
      'Max allowed: 15.',
    );
  });

  it('tells which value must hold, so that a look-up can go by it', () => {
    const asked = (text: string) => equalTo(conjuncts(parseFilter(text)), 'principalId');

    expect(asked("principalId eq 'p' and roleDefinitionId eq 'r'")).toBe('p');
    expect(asked("principalId eq 'p' or roleDefinitionId eq 'r'")).toBeUndefined();
    expect(asked("not (principalId eq 'p')")).toBeUndefined();
    expect(asked("startsWith(principalId,'p')")).toBeUndefined();
  });
});
