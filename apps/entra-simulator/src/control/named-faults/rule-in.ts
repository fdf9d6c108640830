import { isObject } from '../../foundation/json.js';
import type { FaultEffect, FaultRule, NamedFaultRule } from '../contract.js';
import { ControlError } from '../control-error.js';
import { faultRuleSchema, namedFaultRuleSchema } from '../fault-schemas.js';
import { namedFaults } from './catalogue.js';

/** The rule that a body asks for, by name or by effect. Throws `ControlError` or a `ZodError`. */
export function ruleIn(body: unknown): FaultRule & { named?: string } {
  const isNamed = isObject(body) && 'named' in body;
  return isNamed
    ? ruleOf(namedFaultRuleSchema.parse(body) as NamedFaultRule)
    : (faultRuleSchema.parse(body) as FaultRule);
}

function ruleOf({ named, ms, ...asked }: NamedFaultRule): FaultRule & { named: string } {
  const fault = namedFaults.find(({ name }) => name === named);
  if (fault === undefined) {
    const known = namedFaults.map(({ name }) => name).join(', ');
    throw new ControlError(400, `There is no fault '${named}'. Known are: ${known}`);
  }
  if (fault.rule === null) {
    throw new ControlError(400, `'${named}' needs no rule, it is always so: ${fault.always ?? ''}`);
  }
  const { forMs, ...usual } = fault.rule;
  const hasEnd = asked.until !== undefined || asked.forMs !== undefined;
  return {
    named,
    ...usual,
    ...(forMs === undefined || hasEnd ? {} : { forMs }),
    ...asked,
    effect: ms === undefined ? usual.effect : lasting(usual.effect, { named, ms }),
  };
}

const durations = ['lagMs', 'slowMs', 'deferMs'] as const;

function lasting(effect: FaultEffect, { named, ms }: { named: string; ms: number }): FaultEffect {
  const duration = durations.find((name) => name in effect);
  if (duration === undefined) throw new ControlError(400, `'${named}' has nothing that lasts \`ms\``);
  return { ...effect, [duration]: ms };
}
