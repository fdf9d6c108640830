import type { DirectoryCall } from '#core/accounts';
import { classify } from './classify.js';
import type { FailureFacts } from './error-row.js';

const meaning = (facts: Partial<FailureFacts>): string => {
  const { verdict, known } = classify({
    call: 'enable',
    status: 400,
    code: 'Request_BadRequest',
    text: '',
    permitted: true,
    namesTarget: false,
    inBatch: true,
    isPage: false,
    ...facts,
  });
  const said = verdict === 'already' ? 'already' : `${verdict.reason} ${verdict.retry}`;
  return known ? said : `${said} (not known)`;
};

const NOT_THERE =
  "Resource 'x' does not exist or one of its queried reference-property objects are not present.";
const DENIED = 'Insufficient privileges to complete the operation.';

describe('classify', () => {
  it.each<[string, Partial<FailureFacts>, string]>([
    ['no answer', { status: 0 }, 'unanswered later'],
    ['a gateway that gave up', { status: 504 }, 'unanswered later'],
    ['a server error', { status: 500 }, 'unanswered later'],
    ['a failed predecessor', { status: 424 }, 'not_tried later'],
    ['a 424 of a whole request', { status: 424, inBatch: false }, 'unanswered later'],
    ['a throttle', { status: 429, code: 'TooManyRequests' }, 'throttled later'],
    ['a 401 of a part', { status: 401 }, 'unanswered later'],
    ['a 401 of a whole request', { status: 401, inBatch: false }, 'credential_bad later'],
    ['two writes that met', { status: 409, code: 'Directory_ConcurrencyViolation' }, 'unanswered later'],
    ['a full tenant', { status: 403, code: 'Directory_QuotaExceeded', call: 'createUser' }, 'quota never'],
    ['something never seen', { status: 418, code: 'Odd' }, 'unknown later (not known)'],
    ['a 400 never seen', { text: 'Nobody knows this.' }, 'unknown later (not known)'],
  ])('knows %s', (_name, facts, means) => {
    expect(meaning(facts)).toBe(means);
  });

  it.each<[DirectoryCall['do'], Partial<FailureFacts>]>([
    ['deleteUser', { status: 404 }],
    ['removeFromGroup', { status: 404 }],
    ['unassignRole', { status: 404 }],
    ['deleteMethod', { status: 404, code: 'resourceNotFound' }],
    [
      'removeFromGroup',
      {
        text: "One or more removed object references do not exist for the following modified properties: 'members'.",
      },
    ],
    [
      'addToGroup',
      {
        text: "One or more added object references already exist for the following modified properties: 'members'.",
      },
    ],
    [
      'assignRole',
      {
        text: 'A conflicting object with one or more of the specified property values is present in the directory.',
      },
    ],
    ['assignRole', { status: 409, code: 'Request_MultipleObjectsWithSameKeyValue' }],
    ['assignRole', { code: 'RoleAssignmentExists', text: 'The Role assignment already exists.' }],
    ['assignRole', { status: 409, code: 'RoleAssignmentExists' }],
    ['assignRole', { code: 'roleAssignmentExists' }],
    ['assignRole', { text: 'The role assignment already exists.' }],
    ['assignRole', { status: 409, text: 'A conflicting object is present.' }],
    ['assignRole', { status: 409, text: 'Odd words. ObjectConflict' }],
    ['addToGroup', { status: 409, text: 'The reference already exists.' }],
    ['addToGroup', { text: 'A conflicting object with one or more of the specified values is present.' }],
    ['addToGroup', { text: 'The user is already a member of the group.' }],
    ['addToGroup', { status: 409, text: 'Already a direct member.' }],
    ['removeFromGroup', { text: 'The reference does not exist.' }],
    ['removeFromGroup', { text: "The objects to remove don't exist." }],
    ['removeFromGroup', { text: NOT_THERE }],
    ['removeFromGroup', { text: 'The user is not a member of the group.' }],
    ['unassignRole', { code: 'RoleAssignmentDoesNotExist' }],
    ['unassignRole', { text: 'The Role assignment does not exist.' }],
    ['unassignRole', { text: NOT_THERE }],
  ])('takes for done what is so already: %s', (call, facts) => {
    expect(meaning({ call, ...facts })).toBe('already');
  });

  it.each<DirectoryCall['do']>([
    'enable',
    'disable',
    'revokeSessions',
    'setPassword',
    'mintPass',
    'assignRole',
    'addToGroup',
    'listMethods',
  ])('takes a user that is not there for replication: %s', (call) => {
    expect(meaning({ call, status: 404, text: NOT_THERE })).toBe('replication later');
  });

  it('tells a group that is gone from a user that is not there yet', () => {
    expect(meaning({ call: 'addToGroup', status: 404, text: NOT_THERE, namesTarget: true })).toBe(
      'gone never',
    );
    expect(
      meaning({
        call: 'addToGroup',
        text: "The source resource object or one of the objects being referenced don't exist.",
      }),
    ).toBe('replication later');
  });

  it.each<DirectoryCall['do']>(['enable', 'setPassword', 'assignRole', 'addToGroup', 'mintPass'])(
    'takes words of what is not there in a 400 to a giving call for replication: %s',
    (call) => {
      for (const text of [
        NOT_THERE,
        "The source resource object or one of the objects being referenced don't exist.",
        'One of the objects being referenced does not exist.',
      ]) {
        expect(meaning({ call, text })).toBe('replication later');
      }
    },
  );

  it('keeps two writes that met apart from what is so already', () => {
    for (const call of ['assignRole', 'addToGroup'] as const) {
      const code = 'Directory_ConcurrencyViolation';
      expect(meaning({ call, status: 409, code, text: 'Concurrent requests were made.' })).toBe(
        'unanswered later',
      );
    }
  });

  it('tells transient words from words about the content', () => {
    expect(meaning({ call: 'createUser', text: 'One or more property values specified are invalid.' })).toBe(
      'replication later',
    );
    expect(meaning({ call: 'createUser', text: 'One or more properties contains invalid values.' })).toBe(
      'invalid never',
    );
    expect(
      meaning({
        call: 'setPassword',
        text: 'The specified password does not comply with password complexity requirements.',
      }),
    ).toBe('invalid never');
    expect(
      meaning({ call: 'mintPass', code: 'badRequest', text: 'Invalid LifetimeInMinutes specified.' }),
    ).toBe('invalid never');
  });

  it('knows a taken name by its words or its code', () => {
    expect(
      meaning({
        call: 'createUser',
        text: 'Another object with the same value for property userPrincipalName already exists.',
      }),
    ).toBe('conflict never');
    expect(meaning({ call: 'createUser', text: 'Odd words. ObjectConflict' })).toBe('conflict never');
    expect(meaning({ call: 'createUser', code: 'ObjectConflict' })).toBe('conflict never');
    expect(meaning({ call: 'createUser', status: 409, text: 'User ALREADY EXISTS.' })).toBe('conflict never');
    expect(meaning({ call: 'createUser', text: 'A conflicting object is present.' })).toBe('conflict never');
  });

  it('explains a 403 by the consent first', () => {
    for (const call of ['disable', 'addToGroup', 'mintPass', 'assignRole'] as const) {
      expect(meaning({ call, status: 403, text: DENIED, permitted: false })).toBe('consent_missing never');
    }
  });

  it('explains a 403 with consent by what the call touches', () => {
    expect(meaning({ call: 'disable', status: 403, text: DENIED })).toBe('directory_role_missing later');
    expect(meaning({ call: 'mintPass', status: 403, code: 'accessDenied' })).toBe(
      'directory_role_missing later',
    );
    expect(meaning({ call: 'addToGroup', status: 403, text: DENIED })).toBe('not_manageable never');
    expect(
      meaning({
        call: 'addToGroup',
        status: 403,
        text: 'This user is a member of a restricted management administrative unit.',
      }),
    ).toBe('directory_role_missing later');
    expect(meaning({ call: 'assignRole', status: 403, text: DENIED })).toBe('unknown later (not known)');
  });

  it('knows groups that are managed elsewhere', () => {
    expect(
      meaning({
        call: 'addToGroup',
        text: 'Cannot Update a mail-enabled security groups and or distribution list.',
      }),
    ).toBe('not_manageable never');
    expect(
      meaning({
        call: 'setPassword',
        text: 'Unable to update the specified properties for on-premises mastered Directory Sync objects',
      }),
    ).toBe('invalid never');
  });
});
