/**
 * A game definition from a file to something that can be run: read (YAML, JSON, or a module's default export), checked, its defaults filled in. What is
 * wrong is told all at once, each with its path, what was expected, what was found and an example.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nearest } from '@horizon-atlas/base';
import { AtlasError } from '@horizon-atlas/protocol';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { definitionSchema, type GameDefinition, type GameInput, type Guide } from './core/definition-schema.ts';
import { betweenFields } from './definition-rules.ts';

/** A definition and where it came from. */
export interface Game {
  readonly definition: GameDefinition;
  /** The file's name without its ending. */
  readonly id: string;
  readonly file: string;
}

export interface GameComplaint {
  /** Such as `ports.game.protocol`; empty for the whole. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
  readonly example: string;
}

export type CheckedGame =
  | { readonly ok: true; readonly definition: GameDefinition }
  | { readonly ok: false; readonly complaints: readonly GameComplaint[] };

/** Definitions that Atlas brings along. */
export const shippedFolder = join(import.meta.dirname, '..', 'games');

/** Gives the editor the types; what is wrong is told when Atlas starts. */
export function defineGame(input: GameInput): GameInput {
  return input;
}

/** Names of the definitions that Atlas brings along. */
export function shippedGames(): string[] {
  return readdirSync(shippedFolder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

/**
 * @param name of a definition that Atlas brings along, or a path: with a / or an ending
 * @param home what paths are relative to
 * Rejects with GAME_UNKNOWN or GAME_INVALID.
 */
export async function loadGame(name: string, home: string): Promise<Game> {
  const file = fileOf(name, home);
  const checked = checkGame(await readInput(file));
  if (!checked.ok) throw new AtlasError('GAME_INVALID', formatGameComplaints(file, checked.complaints));
  return { definition: checked.definition, id: basename(file).replace(/\.(ya?ml|json|[mc]?[jt]s)$/, ''), file };
}

export function checkGame(input: unknown): CheckedGame {
  const parsed = definitionSchema.safeParse(input, { reportInput: true });
  if (!parsed.success) return { ok: false, complaints: parsed.error.issues.flatMap((issue) => complaintsOf(issue, input)) };
  const complaints = betweenFields(parsed.data);
  return complaints.length > 0 ? { ok: false, complaints } : { ok: true, definition: parsed.data };
}

export function formatGameComplaints(file: string, complaints: readonly GameComplaint[]): string {
  const blocks = complaints.map(({ path, expected, found, example }) =>
    [
      `  ${path === '' ? 'the definition' : path}`,
      `    expected  ${expected}`,
      `    found     ${found}`,
      `    example   ${example}`,
    ].join('\n'),
  );
  const things = complaints.length === 1 ? 'one thing is wrong' : `${complaints.length} things are wrong`;
  return `${things} in ${file}\n\n${blocks.join('\n\n')}`;
}

function fileOf(name: string, home: string): string {
  if (/[/\\]|\.(ya?ml|json|[mc]?[jt]s)$/.test(name)) {
    const file = resolve(home, name);
    if (existsSync(file)) return file;
    throw new AtlasError('GAME_UNKNOWN', `there is no game definition at ${file}`);
  }
  const names = shippedGames();
  if (names.includes(name)) return join(shippedFolder, `${name}.yaml`);
  const close = nearest(name, names);
  throw new AtlasError(
    'GAME_UNKNOWN',
    `Atlas brings no definition ${JSON.stringify(name)}${close ? `; did you mean ${close}?` : `: it has ${names.join(', ')}`}\n  One of your own is named by its path: ./${name}.yaml`,
  );
}

async function readInput(file: string): Promise<unknown> {
  try {
    if (/\.[mc]?[jt]s$/.test(file)) {
      const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
      if (module.default === undefined) throw new Error('it has no default export: write export default defineGame({ … })');
      return module.default;
    }
    const text = readFileSync(file, 'utf8');
    if (file.endsWith('.json')) return JSON.parse(text);
    const document = parseDocument(text);
    if (document.errors.length > 0) throw new Error(document.errors[0]?.message);
    // A hundred aliases of aliases are a bomb.
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new AtlasError('GAME_INVALID', `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function complaintsOf(issue: z.core.$ZodIssue, input: unknown): GameComplaint[] {
  const { expected, example } = guideAt(issue.path);
  if (issue.code !== 'unrecognized_keys')
    return [{ path: formatPath(issue.path), expected, found: show(valueAt(input, issue.path)), example }];
  const names = namesAt(issue.path);
  return issue.keys.map((key) => {
    // A condition directly below `ready`, as it is written of one alone.
    if (issue.path.length === 1 && issue.path[0] === 'ready' && ['log', 'bound', 'query'].includes(key)) {
      const written = valueAt(input, ['ready', key]);
      const conditions = [written].flat().map((each) => `{ ${key}: ${show(each)} }`);
      return {
        path: `ready.${key}`,
        expected: 'conditions in a list: all of them, or any',
        found: `{ ${key}: ${show(written)} }`,
        example: `{ ${conditions.length > 1 ? 'any' : 'all'}: [${conditions.join(', ')}] }`,
      };
    }
    const close = nearest(key, names);
    return {
      path: formatPath([...issue.path, key]),
      expected: close === undefined ? `one of ${names.join(', ')}` : `${close}; there is no ${key}`,
      found: show(valueAt(input, [...issue.path, key])),
      example: close === undefined ? example : `${close}: ${guideAt([...issue.path, close]).example}`,
    };
  });
}

/** The guide of the deepest schema along `path` that has one. */
export function guideAt(path: readonly PropertyKey[]): Guide {
  let schema: z.ZodType | undefined = definitionSchema;
  let found = guideOf(schema) as Guide;
  for (const key of path) {
    schema = schema && childOf(unwrap(schema), key);
    if (!schema) break;
    found = guideOf(schema) ?? found;
  }
  return found;
}

function namesAt(path: readonly PropertyKey[]): readonly string[] {
  let schema: z.ZodType | undefined = definitionSchema;
  for (const key of path) schema = schema && childOf(unwrap(schema), key);
  const shape = schema && shapeOf(unwrap(schema));
  return shape ? Object.keys(shape) : [];
}

// Schemas are walked by their definitions, not by class: the tidy way through unions, defaults and records alike.
interface Walked {
  readonly def: {
    readonly type: string;
    readonly shape?: Record<string, z.ZodType>;
    readonly element?: z.ZodType;
    readonly valueType?: z.ZodType;
    readonly innerType?: z.ZodType;
    readonly options?: readonly z.ZodType[];
  };
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  for (let def = defOf(inner); def.innerType; def = defOf(inner)) inner = def.innerType;
  return inner;
}

function childOf(schema: z.ZodType, key: PropertyKey): z.ZodType | undefined {
  const def = defOf(schema);
  const ofAlternatives = () => def.options?.map((each) => childOf(unwrap(each), key)).find((each) => each !== undefined);
  return def.shape?.[String(key)] ?? def.element ?? def.valueType ?? ofAlternatives();
}

function shapeOf(schema: z.ZodType): Record<string, z.ZodType> | undefined {
  return defOf(schema).shape;
}

function defOf(schema: z.ZodType): Walked['def'] {
  return (schema as unknown as Walked).def;
}

function guideOf(schema: z.ZodType): Guide | undefined {
  const meta = schema.meta() ?? unwrap(schema).meta();
  return meta && typeof meta.expected === 'string' ? (meta as unknown as Guide) : undefined;
}

/** How a path is written: `ready.all[1].log`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined),
    input,
  );
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
