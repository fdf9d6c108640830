import { readFileSync } from 'node:fs';
import type { Concern, OutcomeOf, ReportProblem, Setting, Settings } from './setting.js';

/** The environment as it is handed in. */
export type Environment = Readonly<Record<string, string | undefined>>;
type AnyConcern = Concern<Settings, unknown>;
/** Several concerns by name; `never` because each concludes from values of its own. */
type Concerns = Readonly<
  Record<string, Omit<AnyConcern, 'conclude'> & { conclude(values: never, report: ReportProblem): unknown }>
>;

/** Everything that is wrong with the environment, at once: names and reasons, never a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(['The configuration cannot be used:', ...problems.map((problem) => `  ${problem}`)].join('\n'));
  }
}

/** Reads what a process needs, once, and freezes it. */
export const readConfig = <C extends Concerns>(
  env: Environment,
  concerns: C,
): { readonly [Key in keyof C]: OutcomeOf<C[Key]> } => {
  const problems: string[] = [];
  const report: ReportProblem = (variable, reason) => problems.push(`${variable} ${reason}`);
  const read = Object.entries(concerns).map(([key, concern]) => [
    key,
    readConcern(env, concern as AnyConcern, report),
  ]);
  if (problems.length > 0) throw new ConfigError(problems);
  return deepFreeze(Object.fromEntries(read) as { readonly [Key in keyof C]: OutcomeOf<C[Key]> });
};

/** The rules across settings speak only when each setting is right by itself. */
const readConcern = (env: Environment, concern: AnyConcern, report: ReportProblem): unknown => {
  let sound = true;
  const reportHere: ReportProblem = (variable, reason) => {
    sound = false;
    report(variable, reason);
  };
  const entries = Object.entries(concern.settings);
  const values = Object.fromEntries(
    entries.map(([key, setting]) => [key, readSetting(env, setting, reportHere)]),
  );
  return sound ? concern.conclude(values, report) : null;
};

const readSetting = (env: Environment, setting: Setting<unknown>, report: ReportProblem): unknown => {
  const text = textOf(env, setting, report);
  if (text === 'unreadable') return null;
  if (text.value === null) {
    if (setting.absent === undefined) report(setting.name, `is missing: ${setting.meaning}`);
    return setting.absent?.value ?? null;
  }
  const parsed = setting.schema.safeParse(text.value);
  if (parsed.success) return parsed.data;
  report(setting.name, parsed.error.issues.map((issue) => issue.message).join(', '));
  return null;
};

/** An empty variable counts as absent: that is how compose files and shells spell "not set". */
const textOf = (
  env: Environment,
  { name, fileVariable, fallback }: Setting<unknown>,
  report: ReportProblem,
): { value: string | null } | 'unreadable' => {
  const direct = env[name] ? env[name] : null;
  const file = fileVariable === null ? undefined : env[fileVariable];
  if (!file) return { value: direct ?? fallback };
  if (direct !== null) {
    report(name, `and ${name}_FILE are both set: keep one`);
    return 'unreadable';
  }
  return readSecretFile(`${name}_FILE`, file, report);
};

const readSecretFile = (
  name: string,
  file: string,
  report: ReportProblem,
): { value: string | null } | 'unreadable' => {
  try {
    // Editors and `echo` end a file with a line feed that is no part of the secret.
    return { value: readFileSync(file, 'utf8').replace(/\r?\n$/, '') || null };
  } catch (error) {
    report(name, `names a file that cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
    return 'unreadable';
  }
};

const deepFreeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
};
