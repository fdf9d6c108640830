import { elementsOf, fieldsOf, heldIf, inShort, notChecked, refusalCheck, type Check } from '../check.js';
import { usualAssignmentId } from './usual-assignment-id.js';

const ADVANCED = { ConsistencyLevel: 'eventual' };
const NOBODY = '00000000-0000-4000-8000-00000000dead';

/** Users, groups and roles, as they are read. */
export const directoryChecks: readonly Check[] = [
  {
    id: 'domains.initial',
    assumes: 'There is one initial domain, verified and managed.',
    evidence: 'documented',
    scenarios: ['S106'],
    run: async (scene) => {
      const answer = await scene.read('/domains');
      if (answer.status !== 200) return notChecked(inShort(answer));
      const initial = elementsOf(answer).filter((domain) => domain['isInitial'] === true);
      const [only] = initial;
      const isPlain = only?.['isVerified'] === true && only['authenticationType'] === 'Managed';
      return heldIf(
        initial.length === 1 && isPlain,
        `${elementsOf(answer).length} domains, ${initial.length} initial`,
      );
    },
  },
  {
    id: 'users.default-properties',
    assumes: 'A user comes with eleven properties by default, and accountEnabled is none of them.',
    evidence: 'documented',
    scenarios: ['S014', 'S030'],
    run: async (scene) => {
      const answer = await scene.read('/users?$top=1');
      const [user] = elementsOf(answer);
      if (user === undefined) return notChecked(inShort(answer));
      const names = Object.keys(user).filter((name) => !name.startsWith('@'));
      return heldIf(names.length === 11 && !names.includes('accountEnabled'), names.sort().join(', '));
    },
  },
  refusalCheck(
    {
      id: 'users.unknown',
      assumes: 'An unknown user is 404 Request_ResourceNotFound.',
      evidence: 'seen by others',
      scenarios: ['S015'],
    },
    { method: 'GET', path: `/users/${NOBODY}` },
    {
      status: 404,
      code: 'Request_ResourceNotFound',
      words: /does not exist or one of its queried reference-property/,
    },
  ),
  {
    id: 'users.filter-nobody',
    assumes: 'A filter by a name that nobody has answers an empty list.',
    evidence: 'documented',
    scenarios: ['S031'],
    run: async (scene) => {
      const answer = await scene.read(
        "/users?$filter=userPrincipalName eq 'curfew-nobody@example.com'".replaceAll(' ', '%20'),
      );
      return answer.status === 200
        ? heldIf(elementsOf(answer).length === 0, `${elementsOf(answer).length} users`)
        : notChecked(inShort(answer));
    },
  },
  refusalCheck(
    {
      id: 'queries.count-segment',
      assumes: '/users/$count needs ConsistencyLevel.',
      evidence: 'documented',
      scenarios: ['S032'],
    },
    { method: 'GET', path: '/users/$count' },
    { status: 400, code: 'Request_BadRequest', words: /\$count is not currently supported/ },
  ),
  refusalCheck(
    {
      id: 'queries.ends-with',
      assumes: 'endsWith without the header is an unsupported query.',
      evidence: 'documented',
      scenarios: ['S033'],
    },
    { method: 'GET', path: "/users?$filter=endsWith(userPrincipalName,'@example.com')" },
    { status: 400, code: 'Request_UnsupportedQuery', words: /Unsupported Query/i },
  ),
  {
    id: 'queries.count-ignored',
    assumes: '$count=true without the header is ignored in silence.',
    evidence: 'documented',
    scenarios: ['S034'],
    run: async (scene) => {
      const answer = await scene.read('/users?$count=true&$top=1&$select=id');
      if (answer.status !== 200) return notChecked(inShort(answer));
      return heldIf(
        !('@odata.count' in fieldsOf(answer.body)),
        Object.keys(fieldsOf(answer.body)).join(', '),
      );
    },
  },
  refusalCheck(
    {
      id: 'queries.search',
      assumes: '$search without the header is refused, naming the header.',
      evidence: 'documented',
      scenarios: ['S061'],
    },
    { method: 'GET', path: '/groups?$search=%22displayName:curfew%22' },
    {
      status: 400,
      code: 'Request_UnsupportedQuery',
      words: /special request header: 'ConsistencyLevel: eventual'/,
    },
  ),
  {
    id: 'queries.page-size',
    assumes: 'Pages of groups may be 999 long, and no longer.',
    evidence: 'documented',
    scenarios: ['S035'],
    run: async (scene) => {
      const [most, more] = [
        await scene.read('/groups?$top=999&$select=id'),
        await scene.read('/groups?$top=1000&$select=id'),
      ];
      if (most.status !== 200) return notChecked(inShort(most));
      return heldIf(more.status === 400, `999: ${most.status}; 1000: ${inShort(more)}`);
    },
  },
  {
    id: 'queries.advanced',
    assumes: 'With header and $count=true the same endsWith is answered, with a count.',
    evidence: 'documented',
    scenarios: ['S033', 'S034'],
    run: async (scene) => {
      const path = "/users?$filter=endsWith(userPrincipalName,'@example.com')&$count=true&$select=id";
      const answer = await scene.read(path, ADVANCED);
      return heldIf(answer.status === 200 && '@odata.count' in fieldsOf(answer.body), inShort(answer));
    },
  },
  {
    id: 'roles.assignment-ids',
    assumes: 'The id of an assignment at tenant scope is base64url(role ‖ principal) + "-1".',
    evidence: 'seen by others',
    scenarios: ['S062'],
    run: async (scene) => {
      const answer = await scene.read('/roleManagement/directory/roleAssignments');
      if (answer.status !== 200) return notChecked(inShort(answer));
      const wide = elementsOf(answer).filter((one) => one['directoryScopeId'] === '/');
      const asUsual = wide.filter(
        ({ id, roleDefinitionId, principalId }) =>
          id === usualAssignmentId(String(roleDefinitionId), String(principalId)),
      );
      return wide.length === 0
        ? notChecked('No role is assigned at tenant scope.')
        : heldIf(asUsual.length === wide.length, `${asUsual.length} of ${wide.length}`);
    },
  },
  {
    id: 'roles.filter-principal',
    assumes: 'Assignments can be filtered by principal; our own directory roles show so.',
    evidence: 'documented',
    scenarios: ['S065'],
    run: async (scene) => {
      const { servicePrincipalId } = await scene.probe.token();
      const filter = encodeURIComponent(`principalId eq '${servicePrincipalId ?? NOBODY}'`);
      const answer = await scene.read(`/roleManagement/directory/roleAssignments?$filter=${filter}`);
      return answer.status === 403
        ? notChecked(inShort(answer))
        : heldIf(answer.status === 200, `${elementsOf(answer).length} directory roles of our own`);
    },
  },
];
