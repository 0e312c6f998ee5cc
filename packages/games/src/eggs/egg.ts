/**
 * Eggs of Pterodactyl and Pelican (PTDL_v1, PTDL_v2, PLCN_v1 and later) as game definitions. What a definition has no place for is not guessed: it is told, each
 * thing in a sentence, so that whoever imports an egg knows what is left to do.
 */
import { AtlasError } from '@horizon-atlas/protocol';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { GameInput } from '../core/definition-schema.ts';
import { checkGame } from '../definition.ts';
import { commandOf } from './egg-command.ts';
import { type EggVariable, variablesOf } from './egg-variables.ts';

export interface ImportedEgg {
  readonly definition: GameInput;
  /** The definition as a file, with the notes as comments. */
  readonly yaml: string;
  /** What was not carried over, or was assumed. */
  readonly notes: readonly string[];
}

const text = z.string().max(100_000);
/** Loose where eggs are: what matters is read below, and unknown fields are told. */
const eggSchema = z.looseObject({
  meta: z.looseObject({ version: text.regex(/^(PTDL_v[12]|PLCN_v\d+)$/) }),
  name: text.min(1),
  startup: text.optional(),
  startup_commands: z.record(z.string(), text).optional(),
  config: z.looseObject({ files: z.unknown().optional(), startup: z.unknown().optional(), stop: text.nullish() }).nullish(),
  variables: z
    .array(z.looseObject({ env_variable: text.min(1) }))
    .max(500)
    .default([]),
});

const carried = [
  'meta',
  'name',
  'startup',
  'startup_commands',
  'config',
  'variables',
  'description',
  '_comment',
  'exported_at',
  'uuid',
  'author',
];
const leftOut: Readonly<Record<string, string>> = {
  scripts:
    'its install script is not run: put the server into its folder yourself, which is servers/FLEET/0 of the data directory',
  docker_images: 'its images are not used: the program runs on this machine as it is',
  images: 'its images are not used: the program runs on this machine as it is',
  image: 'its image is not used: the program runs on this machine as it is',
  features: 'features of a panel have no meaning here',
  file_denylist: 'its list of denied files is for a panel’s file manager, and is left out',
  tags: '',
  icon: '',
  image_url: '',
};

/** Throws EGG_INVALID. @param source the egg's JSON or YAML */
export function importEgg(source: string): ImportedEgg {
  const egg = parsed(source);
  const notes: string[] = [];
  for (const [field, value] of Object.entries(egg)) {
    if (carried.includes(field) || isEmpty(value)) continue;
    const why = leftOut[field];
    if (why === undefined) notes.push(`the field ${field} is not known, and is left out`);
    else if (why !== '') notes.push(why);
  }
  const startup = startupOf(egg, notes);
  const variables = variablesOf(egg.variables as readonly EggVariable[], startup, notes);
  const { argv, env } = commandOf(startup, Object.keys(variables), notes);
  const definition: GameInput = {
    name: egg.name.slice(0, 64),
    argv,
    env: { ...env, ...Object.fromEntries(Object.keys(variables).map((name) => [name, `{{${name}}}`])) },
    variables,
    ports: { game: { protocol: 'tcp+udp', check: false } },
    ...readyOf(egg.config?.startup, notes),
    ...stopOf(egg.config?.stop ?? '', notes),
  };
  notes.push(
    'an egg does not say whether its port is TCP or UDP: the port game is taken for both, and is not checked. Write protocol: udp or tcp',
  );
  filesNotes(egg.config?.files, notes);
  const checked = checkGame(definition);
  if (!checked.ok) {
    const why = checked.complaints.map(({ path, expected, found }) => `${path}: expected ${expected}, found ${found}`).join('; ');
    throw new AtlasError('EGG_INVALID', `what the egg says is no game definition: ${why}`);
  }
  const comments = [
    `Imported from the egg "${egg.name.replace(/\s+/g, ' ')}" (${egg.meta.version}).`,
    ...notes.map((note) => `- ${note}`),
  ];
  const head = comments.map((line) => `# ${line.replace(/[\r\n]+/g, ' ')}\n`).join('');
  return { definition, yaml: head + stringify(definition, { lineWidth: 140 }), notes };
}

type Egg = z.output<typeof eggSchema>;

function parsed(source: string): Egg {
  let json: unknown;
  try {
    // JSON, or YAML as Pelican exports it by now; a hundred aliases of aliases are a bomb.
    json = source.trimStart().startsWith('{') ? JSON.parse(source) : parse(source, { maxAliasCount: 100 });
  } catch (error) {
    throw new AtlasError('EGG_INVALID', `it is neither JSON nor YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  const result = eggSchema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join('.') ?? '';
  const hint = path.startsWith('meta') ? ': Atlas reads PTDL_v1, PTDL_v2 and PLCN_v1 and later' : '';
  throw new AtlasError('EGG_INVALID', `${path === '' ? 'it' : path} is not what an egg has there${hint} (${issue?.message})`);
}

function startupOf(egg: Egg, notes: string[]): string {
  const several = Object.entries(egg.startup_commands ?? {});
  const [first] = several;
  if (several.length > 1)
    notes.push(
      `of its ${several.length} start commands the first (${first?.[0]}) is taken; the others are ${several
        .slice(1)
        .map(([name]) => name)
        .join(', ')}`,
    );
  const startup = egg.startup ?? first?.[1] ?? '';
  if (startup.trim() === '')
    throw new AtlasError('EGG_INVALID', 'the egg has no start command: neither startup nor startup_commands');
  return startup;
}

/** Eggs wait for a piece of a line. Before a server is ready nobody can chat it. */
function readyOf(startup: unknown, notes: string[]): Pick<GameInput, 'ready'> {
  const { done } = objectOf(startup) as { done?: unknown };
  const pieces = (Array.isArray(done) ? done : [done]).filter((each): each is string => typeof each === 'string' && each !== '');
  if (pieces.length === 0) {
    notes.push('it does not say how it shows that it is ready: it counts as that with the first line that it prints');
    return { ready: { any: [{ log: '^.*$' }] } };
  }
  notes.push('it is ready at a piece of a line, as the egg says; a pattern for the whole line is safer');
  return {
    ready: { any: pieces.slice(0, 16).map((piece) => ({ log: `^.*${escaped(piece.slice(0, 200))}` })), withinMs: 300_000 },
  };
}

function stopOf(stop: string, notes: string[]): Pick<GameInput, 'stop'> {
  if (stop === '') return {};
  // `^^C` is how older eggs write it.
  if (/^\^+c$/i.test(stop)) return { stop: [{ signal: 'SIGINT', waitMs: 30_000 }] };
  if (stop.startsWith('^')) {
    notes.push(`its stop ${stop} kills the server; it is asked by SIGTERM first`);
    return { stop: [{ signal: 'SIGTERM', waitMs: 10_000 }] };
  }
  return {
    stop: [
      { write: stop.slice(0, 1000), waitMs: 30_000 },
      { signal: 'SIGTERM', waitMs: 10_000 },
    ],
  };
}

function filesNotes(files: unknown, notes: string[]): void {
  for (const [path, rule] of Object.entries(objectOf(files))) {
    const { parser = 'file', find } = objectOf(rule) as { parser?: unknown; find?: unknown };
    const keys = Object.keys(objectOf(find));
    notes.push(
      `${path} is not rewritten (${String(parser)}: ${keys.slice(0, 12).join(', ') || 'nothing'}): write it under files, with {{placeholders}}`,
    );
  }
}

/** Eggs keep objects as JSON in a text, older ones always. */
function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'string') {
    try {
      return objectOf(JSON.parse(value));
    } catch {
      return {};
    }
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (typeof value === 'object' && Object.keys(value as object).length === 0);
}

function escaped(piece: string): string {
  return piece.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
