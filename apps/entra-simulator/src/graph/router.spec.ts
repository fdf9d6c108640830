import { Router, segmentsOf, shapeOf } from './router.js';

describe("Graph's paths", () => {
  it('have keys in parentheses as well as in segments', () => {
    expect(segmentsOf("/users('$x@y')/memberOf")).toEqual(['users', '$x@y', 'memberOf']);
    expect(segmentsOf("/servicePrincipals(appId='abc')")).toEqual(['servicePrincipals(appId)', 'abc']);
    expect(segmentsOf('/users/a%40b')).toEqual(['users', 'a@b']);
  });

  it('have one shape whatever their parameters are called', () => {
    expect(shapeOf('/groups/{group-id}/members/{directoryObject-id}/$ref')).toBe('groups/{}/members/{}/$ref');
  });

  it('are matched without case, literals before parameters, actions with or without their namespace', () => {
    const router = new Router<string>();
    router.add('GET', '/users/{user-id}', 'one');
    router.add('GET', '/users/$count', 'count');
    router.add('POST', '/users/{user-id}/revokeSignInSessions', 'revoke');

    expect(router.find('GET', '/Users/a@b')).toEqual({ target: 'one', params: { 'user-id': 'a@b' } });
    expect(router.find('GET', '/users/$count')).toMatchObject({ target: 'count' });
    expect(router.find('POST', '/users/x/microsoft.graph.revokeSignInSessions')).toMatchObject({
      target: 'revoke',
    });
    expect(router.find('PUT', '/users/x')).toEqual({ allowed: ['GET'] });
    expect(router.find('GET', '/devices')).toBeUndefined();
  });
});
