/** A game's variables: what may be given for each, and what they come to. Kinds and limits as in JSON Schema. */
import type { GameDefinition, GameVariable } from './core/definition-schema.ts';

export type VariableValue = string | number | boolean;
export type VariableValues = Readonly<Record<string, VariableValue>>;

/** What a value was expected to be, if it is not; undefined: it is fine. */
export function valueComplaint(variable: GameVariable, value: unknown): string | undefined {
  const { type, enum: values, minimum, maximum, minLength, maxLength, pattern } = variable;
  if (type === 'boolean') return typeof value === 'boolean' ? undefined : 'true or false';
  if (type === 'string') {
    const lengths =
      minLength !== undefined || maxLength !== undefined ? ` of ${minLength ?? 0} to ${maxLength ?? 'any'} characters` : '';
    if (typeof value !== 'string' || value.length < (minLength ?? 0) || value.length > (maxLength ?? 100_000))
      return `a text${lengths}`;
    if (hasControls(value)) return 'a text without control characters';
    if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) return `a text that matches ${pattern}`;
  } else {
    const kind = type === 'integer' ? 'a whole number' : 'a number';
    const right = typeof value === 'number' && (type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value));
    const range = minimum !== undefined || maximum !== undefined ? ` from ${minimum ?? 'any'} to ${maximum ?? 'any'}` : '';
    if (!right || value < (minimum ?? value) || value > (maximum ?? value)) return `${kind}${range}`;
  }
  if (values && !values.includes(value as string | number)) return `one of ${values.join(', ')}`;
  return undefined;
}

export interface VariableComplaint {
  readonly name: string;
  readonly expected: string;
  readonly found: string;
}

/** What is wrong with what was given: unknown names, wrong values, and what has neither a value nor a default. */
export function variableComplaints({ variables }: GameDefinition, given: Readonly<Record<string, unknown>>): VariableComplaint[] {
  const unknown = Object.keys(given)
    .filter((name) => !variables[name])
    .map((name) => ({
      name,
      expected: `one of ${Object.keys(variables).join(', ') || 'none'}`,
      found: 'a variable that the game does not have',
    }));
  const wrong = Object.entries(variables).flatMap(([name, variable]) => {
    const value = given[name];
    if (value === undefined) {
      if (variable.default !== undefined || variable.generate !== undefined) return [];
      return [
        { name, expected: variable.description ?? `a value of type ${variable.type}`, found: 'nothing, and it has no default' },
      ];
    }
    const expected = valueComplaint(variable, value);
    const found = variable.secret ? 'a secret that is something else' : JSON.stringify(value);
    return expected === undefined ? [] : [{ name, expected, found }];
  });
  return [...unknown, ...wrong];
}

/** Everything that placeholders may stand for: what was given, else defaults. Secrets to be made up come from `makeUp`. */
export function variableTexts(
  { variables }: GameDefinition,
  given: VariableValues,
  makeUp: (name: string, length: number) => string,
): Map<string, string> {
  return new Map(
    Object.entries(variables).map(([name, { default: standard, generate }]) => [
      name,
      String(given[name] ?? standard ?? (generate === undefined ? '' : makeUp(name, generate))),
    ]),
  );
}

/** Line ends in a value would be further lines of a configuration file, or further commands of a console. */
function hasControls(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return /[\u0000-\u001f\u007f]/.test(value);
}
