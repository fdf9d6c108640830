import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormatsModule from 'ajv-formats';
import type { ValidationMode } from '../control/contract.js';
import { isObject, type Json } from '../foundation/json.js';
import { componentNames, isComponent, operationOf, strictComponent, strictSchema } from './graph-schema.js';

export interface Problem {
  /** `/passwordProfile/password` */
  readonly path: string;
  readonly message: string;
  /** The name that the type does not have. */
  readonly unknownProperty?: string;
}

const addFormats = addFormatsModule as unknown as (ajv: Ajv) => void;
const openFormats = ['int32', 'int64', 'duration', 'decimal', 'binary', 'base64url', 'double', 'float'];

/** Microsoft's contract as compiled validators, made on first use. */
export class Validators {
  private readonly ajv: Ajv;
  private readonly compiled = new Map<string, ValidateFunction | undefined>();
  private readonly byType = new Map<string, ValidateFunction>();
  private counted = 0;

  constructor(public mode: ValidationMode) {
    this.ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true, passContext: true });
    addFormats(this.ajv);
    for (const format of openFormats) this.ajv.addFormat(format, true);
    this.ajv.addKeyword({ keyword: 'graphType', validate: this.validatePolymorphic(), errors: true });
    this.ajv.addKeyword({ keyword: 'enumMembers', validate: isExactMember, errors: false });
  }

  /** Whether the next exchange is to be checked. */
  isDue(): boolean {
    if (this.mode === 'all' || this.mode === 'off') return this.mode === 'all';
    return this.counted++ % Math.max(1, this.mode.sampled) === 0;
  }

  requestProblems(
    route: { method: string; path: string },
    body: unknown,
    enumCase: EnumCase = 'any',
  ): Problem[] {
    return this.check(this.validatorOf('requestBody', route), body, enumCase);
  }

  responseProblems(route: { method: string; path: string }, body: unknown): Problem[] {
    return this.check(this.validatorOf('response', route), body, 'any');
  }

  private check(validate: ValidateFunction | undefined, body: unknown, enumCase: EnumCase): Problem[] {
    if (validate === undefined || validate.call({ enumCase }, body)) return [];
    return (validate.errors ?? []).map(toProblem);
  }

  private validatorOf(side: 'requestBody' | 'response', route: { method: string; path: string }) {
    const key = `${side} ${route.method} ${route.path}`;
    if (!this.compiled.has(key)) {
      const schema = operationOf(route.method, route.path)?.[side];
      this.compiled.set(key, schema === undefined ? undefined : this.compile(strictSchema(schema)));
    }
    return this.compiled.get(key);
  }

  /** Only the components that a schema reaches are compiled with it. */
  private compile(schema: Json): ValidateFunction {
    const definitions: Json = {};
    collect(schema, definitions);
    return this.ajv.compile({ ...schema, definitions });
  }

  private validateType(name: string): ValidateFunction {
    const known = this.byType.get(name);
    if (known !== undefined) return known;
    const made = this.compile(strictComponent(name));
    this.byType.set(name, made);
    return made;
  }

  private validatePolymorphic() {
    const typeValidator = (name: string): ValidateFunction => this.validateType(name);
    const validate = function (this: EnumContext, base: string, value: unknown): boolean {
      const type = isObject(value) ? value['@odata.type'] : undefined;
      const named = typeof type === 'string' ? type.replace(/^#/, '') : base;
      const check = typeValidator(isComponent(named) ? named : base);
      const passes = check.call(this, value);
      (validate as { errors?: unknown }).errors = check.errors ?? undefined;
      return passes;
    };
    return validate as ((base: string, value: unknown) => boolean) & { errors?: ErrorObject[] };
  }
}

/** Whether `NoExpiration` is taken where Microsoft's text says `noExpiration`. */
export type EnumCase = 'any' | 'exact';
interface EnumContext {
  readonly enumCase?: EnumCase;
}

function isExactMember(this: EnumContext, members: readonly string[], value: unknown): boolean {
  return this.enumCase !== 'exact' || value === null || areMembers(members, value);
}

/** Flags come several at a time, with commas. */
const areMembers = (members: readonly string[], value: unknown): boolean =>
  String(value)
    .split(',')
    .every((one) => members.includes(one));

function collect(schema: unknown, definitions: Json): void {
  if (Array.isArray(schema)) {
    for (const item of schema) collect(item, definitions);
    return;
  }
  if (!isObject(schema)) return;
  const ref = schema['$ref'];
  if (typeof ref === 'string') define(ref.replace('#/definitions/', ''), definitions);
  for (const value of Object.values(schema)) collect(value, definitions);
}

function define(name: string, definitions: Json): void {
  if (name in definitions || !componentNames().includes(name)) return;
  const component = strictComponent(name);
  definitions[name] = component;
  collect(component, definitions);
}

function toProblem(error: ErrorObject): Problem {
  const unknown = (error.params as { additionalProperty?: string }).additionalProperty;
  return {
    path: error.instancePath,
    message: error.message ?? error.keyword,
    ...(unknown === undefined ? {} : { unknownProperty: unknown }),
  };
}
