import { usualAssignmentId } from '../checks/usual-assignment-id.js';
import {
  elementsOf,
  errorIn,
  fieldsOf,
  heldIf,
  inShort,
  isRefusal,
  notChecked,
  type Check,
} from '../check.js';
import type { ProbeAnswer } from '#directory';
import type { CanaryScene } from './account.js';

const ASSIGNMENTS = '/roleManagement/directory/roleAssignments';
const assignment = ({ account }: CanaryScene): object => ({
  '@odata.type': '#microsoft.graph.unifiedRoleAssignment',
  roleDefinitionId: account.roleId,
  principalId: account.id,
  directoryScopeId: '/',
});
const assign = (scene: CanaryScene) =>
  ({ method: 'POST', path: ASSIGNMENTS, body: assignment(scene) }) as const;
const ownAssignments = ({ account }: CanaryScene): string =>
  `${ASSIGNMENTS}?$filter=${encodeURIComponent(`principalId eq '${account.id}'`)}`;

/** The id under which the role is listed; while it is not, the usual one. */
const heldId = async (scene: CanaryScene): Promise<string> => {
  const { roleId, id } = scene.account;
  const listed = elementsOf(await scene.read(ownAssignments(scene)));
  const held = listed.find((each) => String(each['roleDefinitionId']).toLowerCase() === roleId.toLowerCase());
  const told = held?.['id'];
  return encodeURIComponent(typeof told === 'string' ? told : usualAssignmentId(roleId, id));
};

/** Who may disable an admin, and when a removal counts. The account stays disabled. */
export const roleChecks: readonly Check<CanaryScene>[] = [
  {
    id: 'role.assign',
    assumes: 'A role for a new user may be 404 for a while; then 201 with the usual id.',
    evidence: 'seen by others',
    scenarios: ['S062', 'S064'],
    run: async (scene) => {
      const { answer, tries } = await scene.until(assign(scene), ({ status }) => status !== 404);
      if (answer.status === 403) return notChecked(inShort(answer));
      const isUsual =
        fieldsOf(answer.body)['id'] === usualAssignmentId(scene.account.roleId, scene.account.id);
      return heldIf(
        answer.status === 201 && isUsual,
        `${inShort(answer)} at try ${tries}, ${isUsual ? 'the usual id' : 'another id'}`,
      );
    },
  },
  {
    id: 'role.again',
    assumes: 'The same role once more is a conflicting object.',
    evidence: 'seen by others',
    scenarios: ['S063'],
    run: async (scene) => {
      const answer = await scene.ask(assign(scene));
      if (answer.status === 403) return notChecked(inShort(answer));
      const refusal = {
        status: 400,
        code: 'Request_BadRequest',
        words: /A conflicting object with one or more/,
      };
      return heldIf(isRefusal(answer, refusal), inShort(answer));
    },
  },
  {
    id: 'role.listed',
    assumes: 'A new assignment may be missing from the list for a while, and is there within two minutes.',
    evidence: 'read in a client',
    scenarios: ['S065'],
    run: async (scene) => {
      const request = { method: 'GET', path: ownAssignments(scene) } as const;
      const { answer, waitedMs } = await scene.until(request, (found) => elementsOf(found).length > 0);
      if (answer.status === 403) return notChecked(inShort(answer));
      return heldIf(elementsOf(answer).length > 0, `after ${waitedMs} ms of waiting`);
    },
  },
  {
    id: 'role.disable-holder',
    assumes:
      'Who holds an admin role is disabled by the permission and a directory role of ours together: 204 with it, 403 Authorization_RequestDenied without.',
    evidence: 'documented',
    scenarios: ['S037'],
    run: async (scene) => {
      const { servicePrincipalId } = await scene.probe.token();
      const filter = encodeURIComponent(`principalId eq '${servicePrincipalId ?? ''}'`);
      const ours = elementsOf(await scene.read(`${ASSIGNMENTS}?$filter=${filter}`)).length;
      const request = {
        method: 'PATCH',
        path: `/users/${scene.account.id}`,
        body: { accountEnabled: false },
      } as const;
      // The check of who is an admin learns of the role late.
      const isAsAssumed = (answer: ProbeAnswer): boolean =>
        ours > 0 ? answer.status === 204 : errorIn(answer).code === 'Authorization_RequestDenied';
      const { answer, waitedMs } = await scene.until(request, isAsAssumed);
      return heldIf(
        isAsAssumed(answer),
        `${inShort(answer)} after ${waitedMs} ms of waiting, with ${ours} directory roles of our own`,
      );
    },
  },
  {
    id: 'role.revoke-holder',
    assumes: 'The sessions of who holds an admin role are revoked on the permission alone.',
    evidence: 'our choice',
    scenarios: ['S044'],
    run: async (scene) => {
      const answer = await scene.past404({
        method: 'POST',
        path: `/users/${scene.account.id}/revokeSignInSessions`,
      });
      return heldIf(answer.status === 200, inShort(answer));
    },
  },
  {
    id: 'role.remove',
    assumes: 'A removed assignment is 204, and 404 when removed again.',
    evidence: 'documented',
    scenarios: ['S066'],
    run: async (scene) => {
      const request = { method: 'DELETE', path: `${ASSIGNMENTS}/${await heldId(scene)}` } as const;
      const first = await scene.until(request, ({ status }) => status === 204, { atMostMs: 60_000 });
      if (first.answer.status === 403) return notChecked(inShort(first.answer));
      const again = await scene.until(request, ({ status }) => status === 404, { atMostMs: 60_000 });
      return heldIf(
        first.answer.status === 204 && again.answer.status === 404,
        `${inShort(first.answer)} at try ${first.tries}, then ${inShort(again.answer)} at try ${again.tries}`,
      );
    },
  },
  {
    id: 'role.removal-heeded',
    assumes: 'Once the role is gone, the user is disabled on the permission alone within five minutes.',
    evidence: 'our choice',
    scenarios: ['S036', 'S038'],
    run: async (scene) => {
      const body = { accountEnabled: false };
      const request = { method: 'PATCH', path: `/users/${scene.account.id}`, body } as const;
      const { answer, waitedMs } = await scene.until(request, ({ status }) => status === 204, {
        everyMs: 2_000,
        atMostMs: 300_000,
      });
      return heldIf(answer.status === 204, `${inShort(answer)} after ${waitedMs} ms of waiting`);
    },
  },
  {
    id: 'group.member',
    assumes:
      'A member is added with 204, refused as existing the second time, removed with 204, and refused when removed again.',
    evidence: 'seen by others',
    scenarios: ['S050', 'S051', 'S054'],
    run: async (scene) => {
      const { groupId, id } = scene.account;
      if (groupId === null) return notChecked('No group was named.');
      const body = { '@odata.id': scene.probe.referenceTo(id) };
      const add = { method: 'POST', path: `/groups/${groupId}/members/$ref`, body } as const;
      const remove = { method: 'DELETE', path: `/groups/${groupId}/members/${id}/$ref` } as const;
      const added = (await scene.until(add, ({ status }) => status === 204, { atMostMs: 60_000 })).answer;
      const twice = await scene.ask(add);
      const removed = (await scene.until(remove, ({ status }) => status === 204, { atMostMs: 60_000 }))
        .answer;
      const gone = await scene.until(remove, ({ status }) => status !== 204, { atMostMs: 60_000 });
      const said = [added, twice, removed, gone.answer].map(inShort).join('; ');
      const isAsAssumed =
        added.status === 204 &&
        twice.status === 400 &&
        removed.status === 204 &&
        [400, 404].includes(gone.answer.status);
      return heldIf(isAsAssumed, said);
    },
  },
  {
    id: 'pim.timed',
    assumes:
      'A time-bound assignment is Provisioned at once, refused the second time, and can not be ended in its first five minutes.',
    evidence: 'seen by others',
    scenarios: ['S071', 'S073', 'S075', 'S076'],
    run: async (scene) => {
      const path = '/roleManagement/directory/roleAssignmentScheduleRequests';
      const common = {
        principalId: scene.account.id,
        roleDefinitionId: scene.account.roleId,
        directoryScopeId: '/',
      };
      const endDateTime = new Date(scene.now() + TIMED_FOR_MS).toISOString();
      const scheduleInfo = { expiration: { type: 'afterDateTime', endDateTime } };
      const body = { ...common, action: 'adminAssign', justification: 'Curfew live check', scheduleInfo };
      const give = { method: 'POST', path, body } as const;
      const given = (
        await scene.until(give, ({ status }) => status !== 404, { everyMs: 5_000, atMostMs: 180_000 })
      ).answer;
      if (given.status !== 201) return notChecked(inShort(given));
      const twice = await scene.ask(give);
      const early = await scene.ask({ method: 'POST', path, body: { ...common, action: 'adminRemove' } });
      const status = String(fieldsOf(given.body)['status']);
      const isAsAssumed =
        status === 'Provisioned' &&
        errorIn(twice).code === 'RoleAssignmentExists' &&
        errorIn(early).code === 'ActiveDurationTooShort';
      return heldIf(isAsAssumed, `${status}; ${inShort(twice)}; ${inShort(early)}`);
    },
  },
  {
    id: 'pim.listed',
    assumes: 'A time-bound assignment shows among the schedules, with its end.',
    evidence: 'documented',
    scenarios: ['S071'],
    run: async (scene) => {
      const filter = encodeURIComponent(`principalId eq '${scene.account.id}'`);
      const path = `/roleManagement/directory/roleAssignmentSchedules?$filter=${filter}`;
      // A plain assignment of before may show as a schedule without an end for as long as PIM lags.
      const types = (answer: ProbeAnswer): readonly string[] =>
        elementsOf(answer).map(({ scheduleInfo }) =>
          String(fieldsOf(fieldsOf(scheduleInfo)['expiration'])['type']),
        );
      const hasEnd = (answer: ProbeAnswer): boolean =>
        types(answer).some((type) => type.toLowerCase() === 'afterdatetime');
      const request = { method: 'GET', path } as const;
      const { answer, waitedMs } = await scene.until(request, hasEnd, { atMostMs: 60_000 });
      if (types(answer).length === 0) return notChecked(`None is shown (${inShort(answer)}).`);
      return heldIf(hasEnd(answer), `${types(answer).join(', ')}, after ${waitedMs} ms of waiting`);
    },
  },
];

/** Long enough to be refused an early end, short enough to be over soon if everything else fails. */
const TIMED_FOR_MS = 10 * 60_000;
