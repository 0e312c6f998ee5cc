/** An egg's variables and their rules (Laravel's) as variables of a definition. */
import type { GameInput, GameVariable } from '../core/definition-schema.ts';
import { valueComplaint } from '../variables.ts';

export interface EggVariable {
  readonly env_variable: string;
  readonly name?: unknown;
  readonly description?: unknown;
  readonly default_value?: unknown;
  readonly rules?: unknown;
}

type Variables = NonNullable<GameInput['variables']>;
type Variable = Variables[string];

export function variablesOf(list: readonly EggVariable[], startup: string, notes: string[]): Variables {
  const variables: Variables = {};
  for (const each of list) {
    const name = each.env_variable;
    if (!/^[a-zA-Z][a-zA-Z0-9_]{0,63}$/.test(name)) {
      notes.push(`the variable ${JSON.stringify(name.slice(0, 80))} has a name that no variable may have, and is left out`);
      continue;
    }
    variables[name] = variableOf(each, name, startup, notes);
  }
  return variables;
}

function variableOf(egg: EggVariable, name: string, startup: string, notes: string[]): Variable {
  const rules = rulesOf(egg.rules);
  const about = [egg.name, egg.description].filter((each) => typeof each === 'string' && each !== '').join(': ');
  const limits = limitsOf(rules, name, notes);
  const standard = defaultOf(egg.default_value, limits.type);
  const secret = /PASS|TOKEN|SECRET|APIKEY|API_KEY/i.test(name);
  const inCommand = new RegExp(`\\b${name}\\b`).test(startup);
  if (secret && inCommand)
    notes.push(
      `${name} looks like a secret, and the egg puts it into the command line, where every user of this machine can read it`,
    );
  const variable = {
    ...limits,
    ...(about === '' ? {} : { description: about.slice(0, 500) }),
    ...(secret && !inCommand ? { secret: true } : {}),
  } satisfies Variable;
  if (standard === undefined)
    return rules.some(({ rule }) => rule === 'required') ? variable : { type: 'string', default: '', ...pick(variable) };
  if (valueComplaint(variable as GameVariable, standard) === undefined) return { ...variable, default: standard };
  notes.push(
    `the default of ${name} does not keep its own rules (${rules.map(({ rule }) => rule).join(', ')}), so the rules are left out`,
  );
  return { type: 'string', default: String(standard), ...pick(variable) };
}

function pick({ description, secret }: Variable): Partial<Variable> {
  return { ...(description === undefined ? {} : { description }), ...(secret ? { secret } : {}) };
}

interface Rule {
  readonly rule: string;
  readonly value: string;
}

function rulesOf(rules: unknown): Rule[] {
  // A pattern may have bars in it, so that it comes last in a text of rules.
  const texts = Array.isArray(rules) ? rules.map(String) : typeof rules === 'string' ? rules.split(/\|(?![^/]*\/(?:$|\|))/) : [];
  return texts.flatMap((each) => {
    const [rule = '', ...value] = each.split(':');
    return rule === '' ? [] : [{ rule: rule.trim(), value: value.join(':') }];
  });
}

const ignored = new Set([
  'required',
  'nullable',
  'sometimes',
  'string',
  'alpha_dash',
  'alpha_num',
  'alpha',
  'present',
  'filled',
  'url',
  'ip',
]);

function limitsOf(rules: readonly Rule[], name: string, notes: string[]): Variable {
  const has = (...names: string[]) => rules.some(({ rule }) => names.includes(rule));
  const type = has('integer', 'int', 'digits', 'digits_between') ? 'integer' : has('numeric') ? 'number' : 'string';
  const variable: Variable = { type };
  const numbers = type !== 'string';
  for (const { rule, value } of rules) {
    const [low, high] = value.split(',').map(Number);
    // Longer texts than a definition may ask for: no limit is nearer to what the egg says than a smaller one.
    if (!numbers && ['max', 'between'].includes(rule) && Math.max(low ?? 0, high ?? 0) > 10_000) continue;
    if (rule === 'max' && Number.isFinite(low)) Object.assign(variable, numbers ? { maximum: low } : { maxLength: low });
    else if (rule === 'min' && Number.isFinite(low)) Object.assign(variable, numbers ? { minimum: low } : { minLength: low });
    else if (rule === 'between' && Number.isFinite(low) && Number.isFinite(high))
      Object.assign(variable, numbers ? { minimum: low, maximum: high } : { minLength: low, maxLength: high });
    else if (rule === 'in') variable.enum = numbers ? value.split(',').map(Number) : value.split(',');
    else if (rule === 'boolean' || rule === 'bool') variable.enum = ['0', '1', 'true', 'false'];
    else if (rule === 'regex') addPattern(variable, value, name, notes);
    else if (!ignored.has(rule) && !['integer', 'int', 'numeric', 'digits', 'digits_between'].includes(rule))
      notes.push(`the rule ${rule} of ${name} is not known, and is left out`);
  }
  return variable;
}

function addPattern(variable: Variable, value: string, name: string, notes: string[]): void {
  const source = /^\/(.*)\/[a-z]*$/s.exec(value)?.[1];
  try {
    if (source === undefined) throw new Error('it is no /…/');
    new RegExp(source, 'u');
    variable.pattern = source;
  } catch {
    notes.push(`the pattern of ${name} is none of JavaScript's, and is left out`);
  }
}

function defaultOf(value: unknown, type: Variable['type']): string | number | undefined {
  if (value === undefined || value === null) return undefined;
  if (type === 'string') return String(value);
  return value === '' || !Number.isFinite(Number(value)) ? undefined : Number(value);
}
