/** Rules of a game definition between several of its fields; what is wrong with one alone, its schema says. */

import type { GameDefinition, GameVariable } from './core/definition-schema.ts';
import { namesIn } from './core/placeholders.ts';
import { conditionsOf } from './core/readiness.ts';
import type { GameComplaint } from './definition.ts';
import { valueComplaint } from './variables.ts';

export function betweenFields(definition: GameDefinition): GameComplaint[] {
  return [
    ...programComplaints(definition),
    ...placeholderComplaints(definition),
    ...variableComplaints(definition),
    ...portComplaints(definition),
    ...patternComplaints(definition),
    ...queryComplaints(definition),
  ];
}

/** What stands for something besides variables; see launch.ts. */
export function standardPlaceholders({ ports, modules }: GameDefinition): string[] {
  const places = ['host', 'dir', 'home', 'project', 'id', 'fleet'];
  return [...places, ...modules.map((name) => `module.${name}`), ...Object.keys(ports).map((port) => `port.${port}`)];
}

function programComplaints({ argv }: GameDefinition): GameComplaint[] {
  const [program] = argv;
  if (typeof program === 'string' && program !== '') return [];
  return [complaint('argv[0]', 'the program, a text', JSON.stringify(program), 'bzfs')];
}

function placeholderComplaints(definition: GameDefinition): GameComplaint[] {
  const { argv, env, files, cwd, variables, stop, saves } = definition;
  const known = [...standardPlaceholders(definition), ...Object.keys(variables)];
  const texts: [string, string][] = [
    ...argv.flatMap((arg, i): [string, string][] =>
      typeof arg === 'string'
        ? [[`argv[${i}]`, arg]]
        : [...arg.args, ...('otherwise' in arg ? arg.otherwise : [])].map((each, j) => [`argv[${i}].args[${j}]`, each]),
    ),
    ...Object.entries(env).map(([name, value]): [string, string] => [`env.${name}`, value]),
    ...files.map((file, i): [string, string] => [`files[${i}].text`, file.text]),
    ...(stop ?? []).flatMap((step, i): [string, string][] => ('write' in step ? [[`stop[${i}].write`, step.write]] : [])),
    ...(cwd === undefined ? [] : [['cwd', cwd] as [string, string]]),
    ...(saves?.write === undefined ? [] : [['saves.write', saves.write] as [string, string]]),
  ];
  const found = texts.flatMap(([path, text]) =>
    namesIn(text)
      .filter((name) => !known.includes(name))
      .map((name) => complaint(path, `placeholders out of ${known.join(', ')}`, `{{${name}}}`, `{{${known.at(-1)}}}`)),
  );
  for (const [path, text] of texts) {
    for (const name of path.startsWith('argv') ? namesIn(text) : []) {
      if (!variables[name]?.secret) continue;
      const expected = 'no secret: every user of this machine can read arguments. Give it by env or in a file';
      found.push(complaint(path, expected, `{{${name}}}`, `env: { PASSWORD: '{{${name}}}' }`));
    }
  }
  argv.forEach((arg, i) => {
    if (typeof arg === 'string' || !('when' in arg) || variables[arg.when]) return;
    found.push(
      complaint(
        `argv[${i}].when`,
        'a variable of this definition',
        JSON.stringify(arg.when),
        Object.keys(variables)[0] ?? 'worldFile',
      ),
    );
  });
  return found;
}

function variableComplaints({ variables, players }: GameDefinition): GameComplaint[] {
  const found = Object.entries(variables).flatMap(([name, variable]) => {
    const wrong = variable.default === undefined ? undefined : valueComplaint(variable, variable.default);
    const own =
      wrong === undefined
        ? []
        : [complaint(`variables.${name}.default`, wrong, JSON.stringify(variable.default), exampleOf(variable))];
    if (variable.generate !== undefined && !variable.secret)
      own.push(complaint(`variables.${name}.generate`, 'secret: true beside it', 'a variable that is no secret', 'secret: true'));
    return own;
  });
  const capacity = players?.capacity;
  if (typeof capacity === 'string' && variables[capacity]?.type !== 'integer')
    found.push(complaint('players.capacity', 'a number, or a variable of type integer', JSON.stringify(capacity), '16'));
  return found;
}

function portComplaints({ ports }: GameDefinition): GameComplaint[] {
  return Object.entries(ports).flatMap(([name, { offset, port }]) => {
    if (!offset) return [];
    const base = ports[offset.of];
    if (!base || base.offset)
      return [
        complaint(
          `ports.${name}.offset.of`,
          'a port that has no offset of its own',
          JSON.stringify(offset.of),
          Object.keys(ports)[0] ?? 'game',
        ),
      ];
    return port === undefined
      ? []
      : [complaint(`ports.${name}`, 'either port or offset', 'both', '{ offset: { of: game, add: 1 } }')];
  });
}

function patternComplaints({ players, ready, saves, ports }: GameDefinition): GameComplaint[] {
  const found: GameComplaint[] = [];
  for (const field of ['join', 'leave', 'list'] as const) {
    const source = players?.[field];
    const group = field === 'list' ? 'players' : 'player';
    const named = source?.includes(`(?<${group}>`) || (field !== 'list' && source?.includes('(?<key>'));
    if (source !== undefined && !named)
      found.push(complaint(`players.${field}`, `the group (?<${group}>…)`, JSON.stringify(source), `'^(?<${group}>.+) …'`));
  }
  if (players && (players.join === undefined) !== (players.leave === undefined) && players.list === undefined)
    found.push(complaint('players', 'both join and leave, or a list', 'one of them', "leave: '^(?<player>\\S+) leaves game'"));
  for (const condition of ready?.any ?? ready?.all ?? []) {
    if (!('bound' in condition) || ports[condition.bound]) continue;
    found.push(
      complaint('ready', 'a port of this definition', JSON.stringify(condition.bound), `{ bound: ${Object.keys(ports)[0]} }`),
    );
  }
  if (saves?.done !== undefined && saves.write === undefined)
    found.push(complaint('saves.done', 'saves.write beside it', 'no command', 'write: save'));
  return found;
}

function queryComplaints(definition: GameDefinition): GameComplaint[] {
  const { query, ports, ready } = definition;
  if (query && !ports[query.port])
    return [complaint('query.port', 'a port of this definition', JSON.stringify(query.port), Object.keys(ports)[0] ?? 'game')];
  if (!query && (ready?.any ?? ready?.all ?? []).some((condition) => 'query' in condition))
    return [complaint('ready', 'a query, for a condition { query: true }', 'none in this definition', 'query: { type: bzflag }')];
  if (conditionsOf(definition).length === 0)
    return [
      complaint('ready', 'a condition, since no game port can be checked', 'nothing', "{ any: [{ log: '^Server is up' }] }"),
    ];
  return [];
}

function exampleOf({ type, minimum, enum: values }: GameVariable): string {
  if (values?.[0] !== undefined) return String(values[0]);
  return type === 'boolean' ? 'true' : type === 'string' ? 'a text' : String(minimum ?? 1);
}

function complaint(path: string, expected: string, found: string, example: string): GameComplaint {
  return { path, expected, found, example };
}
