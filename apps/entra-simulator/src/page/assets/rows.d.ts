// What rows.js offers, for the tests: browsers take that file as it is.
import type { FaultState, HistoryEntry, PartEntry, RequestEntry, TrueUser } from '../../control/contract.js';

export function momentOf(iso: string | undefined): string;
export function userRow(
  user: Pick<
    TrueUser,
    'userPrincipalName' | 'displayName' | 'accountEnabled' | 'roles' | 'groups' | 'passes'
  >,
): string[];
export function changeRow(entry: HistoryEntry): string[];
export function requestRow(entry: RequestEntry): { cells: string[]; isRefused: boolean; remarks: string[] };
export function partRow(part: PartEntry): string;
export function faultRow(fault: FaultState): string[];
export function withNews<T>(known: readonly T[], news: readonly T[], most: number): T[];
