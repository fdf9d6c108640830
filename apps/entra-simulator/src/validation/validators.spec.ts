import { Validators } from './validators.js';

const postUser = { method: 'POST', path: '/users' };
const userBody = {
  accountEnabled: true,
  displayName: 'Ada',
  mailNickname: 'ada',
  userPrincipalName: 'ada@contoso.onmicrosoft.com',
  passwordProfile: { forceChangePasswordNextSignIn: true, password: 'x' },
};

describe("Microsoft's contract", () => {
  const validators = new Validators('all');

  it("takes Microsoft's own documented body", () => {
    expect(validators.requestProblems(postUser, userBody)).toEqual([]);
  });

  it('catches misspelt names at every depth, and wrong types', () => {
    const problems = validators.requestProblems(postUser, {
      ...userBody,
      acountEnabled: true,
      passwordProfile: { pasword: 'x' },
      displayName: 7,
    });

    expect(problems).toContainEqual(expect.objectContaining({ unknownProperty: 'acountEnabled' }));
    expect(problems).toContainEqual(expect.objectContaining({ unknownProperty: 'pasword' }));
    expect(problems).toContainEqual(expect.objectContaining({ path: '/displayName' }));
  });

  it('takes null for complex properties, annotations and extensions', () => {
    const body = {
      onPremisesExtensionAttributes: null,
      'manager@odata.bind': 'https://graph.microsoft.com/v1.0/users/x',
      extension_0123456789abcdef0123456789abcdef_marker: 'm',
    };

    expect(validators.requestProblems({ method: 'PATCH', path: '/users/{user-id}' }, body)).toEqual([]);
  });

  it('S077: takes enum members in any case', () => {
    const body = (type: string) => ({ action: 'adminAssign', scheduleInfo: { expiration: { type } } });
    const route = { method: 'POST', path: '/roleManagement/directory/roleAssignmentScheduleRequests' };

    expect(validators.requestProblems(route, body('NoExpiration'))).toEqual([]);
    expect(validators.requestProblems(route, body('noExpiration'))).toEqual([]);
    expect(validators.requestProblems(route, body('never'))).not.toEqual([]);
  });

  it('judges each member of a mixed collection by its own type', () => {
    const route = { method: 'GET', path: '/users/{user-id}/memberOf' };
    const answer = (extra: object) => ({
      value: [{ '@odata.type': '#microsoft.graph.group', id: '1', ...extra }],
    });

    expect(validators.responseProblems(route, answer({ displayName: 'G' }))).toEqual([]);
    expect(validators.responseProblems(route, answer({ jobTitle: 'G' }))).not.toEqual([]);
  });

  it('checks every exchange, each nth or none, as it is told', () => {
    const due = (mode: ConstructorParameters<typeof Validators>[0]) => {
      const one = new Validators(mode);
      return Array.from({ length: 6 }, () => one.isDue()).filter(Boolean).length;
    };

    expect([due('all'), due({ sampled: 3 }), due('off')]).toEqual([6, 2, 0]);
  });
});
