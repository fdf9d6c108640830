import { GraphError } from '../errors.js';

const refusal = (code: string, message: string, status = 400): GraphError =>
  new GraphError({ status, code }, message);

export const licenceRequired = (): GraphError =>
  refusal(
    'AadPremiumLicenseRequired',
    'The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.',
  );

export const assignmentExists = (): GraphError =>
  refusal('RoleAssignmentExists', 'The Role assignment already exists.');

export const assignmentDoesNotExist = (): GraphError =>
  refusal('RoleAssignmentDoesNotExist', 'The Role assignment does not exist.');

export const requestIsPending = (): GraphError =>
  refusal('PendingRoleAssignmentRequest', 'There is already an existing pending Role assignment request.');

/** The spelling is Microsoft's. */
export const durationTooShort = (): GraphError =>
  refusal('ActiveDurationTooShort', 'The Active duration is too short. Miniumum Required is 5 minutes.');

export const policyFailed = (rules: readonly string[]): GraphError =>
  refusal(
    'RoleAssignmentRequestPolicyValidationFailed',
    `The following policy rules failed: ${JSON.stringify(rules)}`,
  );

export const subjectNotFound = (): GraphError => refusal('SubjectNotFound', 'The subject is not found.', 404);
export const roleNotFound = (): GraphError => refusal('RoleNotFound', 'The role is not found.', 404);
export const invalidScope = (): GraphError => refusal('InvalidScope', 'The scope is invalid.');

/** An app is nobody who could be eligible: it has nothing to activate for itself. */
export const onlyForUsers = (): GraphError =>
  refusal('UnauthorizedAccessException', 'Attempted to perform an unauthorized operation.', 403);

export const resourceNotFound = (): GraphError =>
  refusal('ResourceNotFound', 'The resource is not found.', 404);

export const notCancelable = (): GraphError =>
  refusal('InvalidRequest', 'The request is not in a state in which it can be canceled.');
