import type { z } from 'zod';
import type { Secret } from '#core/shared';

interface Description {
  readonly name: string;
  /** One sentence for docs/reference/configuration.md and .env.example. */
  readonly meaning: string;
}

/** One variable of the environment: its name, what it means, how its text becomes a value. */
export interface Setting<T> extends Description {
  readonly secret: boolean;
  /** The variable that may name a file holding the value, for mounted secrets. */
  readonly fileVariable: string | null;
  /** As it would be written in the environment; null when there is none. Secrets never have one. */
  readonly fallback: string | null;
  /** What stands for a variable that is absent and has no fallback; undefined when it is required. */
  readonly absent?: { readonly value: T };
  readonly schema: z.ZodType<T, string>;
}

/** A variable that must be there. */
export const required = <T>(description: Description, schema: z.ZodType<T, string>): Setting<T> => ({
  ...description,
  schema,
  secret: false,
  fileVariable: null,
  fallback: null,
});

/** A variable with a default. */
export const withDefault = <T>(
  description: Description,
  schema: z.ZodType<T, string>,
  fallback: string,
): Setting<T> => ({ ...required(description, schema), fallback });

/** A secret that must be there; `NAME_FILE` may name a file that holds it. */
export const requiredSecret = (
  description: Description,
  schema: z.ZodType<Secret, string>,
): Setting<Secret> => ({
  ...required(description, schema),
  secret: true,
  fileVariable: `${description.name}_FILE`,
});

/** The same variable, null when it isn't there. */
export const optional = <T>(setting: Setting<T>): Setting<T | null> => ({
  ...setting,
  absent: { value: null },
});

/** The settings of one concern by their names in code. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;
export type ValuesOf<S extends Settings> = {
  readonly [Key in keyof S]: S[Key] extends Setting<infer T> ? T : never;
};

/** Adds a problem of one variable: what is wrong, never the value. */
export type ReportProblem = (variable: string, reason: string) => void;

/** Settings that belong together, and what they come to: `conclude` holds the rules across them. */
export interface Concern<S extends Settings, Out> {
  readonly title: string;
  readonly settings: S;
  conclude(values: ValuesOf<S>, report: ReportProblem): Out;
}

/** What any concern comes to. */
export type OutcomeOf<C> = C extends { conclude(values: never, report: ReportProblem): infer Out }
  ? Out
  : never;

/** A concern without rules across its settings: its values are what was read. */
export const concern = <S extends Settings>(title: string, settings: S): Concern<S, ValuesOf<S>> => ({
  title,
  settings,
  conclude: (values) => values,
});
