/**
 * From what a person wrote to what the processes read: checked and filled in. What is wrong is told all at once, each with the file, the path
 * within it, what was expected, what was found and an example. How the file is found and read: load-config.ts.
 */
import { existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { nearest } from '@horizon-atlas/base';
import { defaultPolicy } from '@horizon-atlas/regions/configuration';
import type { z } from 'zod';
import { fleetComplaints, scalingOf, shapeComplaints } from './config-fleets.ts';
import { isObject, show, valueAt } from './config-found.ts';
import { type FormerField, formerFields, isNewer } from './config-history.ts';
import { completeMatchmaking, type MatchmakingConfig, matchmakingComplaints } from './config-matchmaking.ts';
import { configSchema, guideAt, namesAt, type ParsedConfig } from './config-schema.ts';
import { worldComplaints } from './config-world.ts';
import { edgeComplaints } from './edges/config-edge.ts';
import { plainListenerOf, plainRefusal } from './plain-listener.ts';
import { version } from './version.ts';

export type { AtlasConfigInput } from './config-schema.ts';

/** A configuration as the processes read it: complete, paths absolute. JSON, so that it can be handed to a child. */
export interface AtlasConfig
  extends Omit<ParsedConfig, 'world' | 'regionServer' | 'companions' | 'fleets' | 'web' | 'pages' | 'matchmaking'> {
  /** Where it came from. */
  readonly file: string;
  /** Without regions: an Atlas of fleets alone. */
  readonly world: {
    readonly regions: readonly {
      readonly id: string;
      readonly name: string;
      readonly bounds: NonNullable<ParsedConfig['world']>['regions'][0]['bounds'];
    }[];
    readonly spawn: { readonly region: string };
  };
  readonly regionServer: Program & { readonly spares: number; readonly startTimeoutMs: number };
  readonly companions: readonly (Program & { readonly name: string; readonly waitsFor: 'world' | 'matchmaking' })[];
  readonly matchmaking?: MatchmakingConfig;
  readonly fleets: readonly FleetConfig[];
  readonly web?: WebConfig;
  readonly pages: readonly { readonly name: string; readonly web: WebConfig }[];
}

export type WebConfig = { readonly kind: 'folder'; readonly folder: string } | { readonly kind: 'entry'; readonly entry: string };

/** A fleet with its program as it is run. */
export type FleetConfig = Omit<ParsedConfig['fleets'][0], 'entry' | 'command' | 'args' | 'env' | 'scaling'> &
  Program & { readonly scaling: NonNullable<ParsedConfig['fleets'][0]['scaling']> };

export interface Program {
  /** Program and arguments; no shell stands between. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A value that comes from somewhere else than the file, and wins over it. */
export interface Override {
  /** Such as `gateway.port`. */
  readonly path: string;
  readonly value: unknown;
  /** What the person wrote: `--gateway-port`. */
  readonly from: string;
}

export interface Complaint {
  /** Such as `world.regions[1].bounds.minX`; empty for the whole. */
  readonly path: string;
  readonly from: string;
  readonly expected: string;
  readonly found: string;
  readonly example: string;
}

export type CheckedConfig =
  | { readonly ok: true; readonly config: AtlasConfig }
  | { readonly ok: false; readonly complaints: readonly Complaint[] };

/** `former`: fields of former releases, by path. */
export function checkConfig(
  input: unknown,
  file: string,
  overrides: readonly Override[] = [],
  former: Readonly<Record<string, FormerField>> = formerFields,
): CheckedConfig {
  const merged = withOverrides(input, overrides);
  const originOf = (path: string) => overrides.find((each) => each.path === path)?.from ?? file;
  // Read once: compiling the checks would take longer than they do.
  const parsed = configSchema.safeParse(merged, { reportInput: true, jitless: true });
  if (!parsed.success)
    return { ok: false, complaints: parsed.error.issues.flatMap((issue) => complaintsOf(issue, merged, originOf, former)) };
  const complaints = [
    ...shapeComplaints(parsed.data, file),
    ...worldComplaints(parsed.data.world, file),
    ...fleetComplaints(parsed.data, file),
    ...edgeComplaints(parsed.data, file),
    ...policyComplaints(parsed.data, file),
    ...fileComplaints(parsed.data, file),
    ...webComplaints(parsed.data, file),
    ...portComplaints(parsed.data, originOf),
    ...plainComplaints(parsed.data, originOf),
    ...playComplaints(parsed.data, file),
  ];
  return complaints.length > 0 ? { ok: false, complaints } : { ok: true, config: complete(parsed.data, file) };
}

export function formatComplaints(file: string, complaints: readonly Complaint[]): string {
  const blocks = complaints.map(({ path, from, expected, found, example }) =>
    [
      `  ${path === '' ? 'the configuration' : path}${from === file ? '' : `  (from ${from})`}`,
      `    expected  ${expected}`,
      `    found     ${found}`,
      `    example   ${example}`,
    ].join('\n'),
  );
  const things = complaints.length === 1 ? 'one thing is wrong' : `${complaints.length} things are wrong`;
  return `${things} in ${file}\n\n${blocks.join('\n\n')}`;
}

/** How a path is written: `world.regions[1].id`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
}

function withOverrides(input: unknown, overrides: readonly Override[]): unknown {
  if (overrides.length === 0 || !isObject(input)) return input;
  const out = structuredClone(input);
  for (const { path, value } of overrides) {
    const keys = path.split('.');
    let at: Record<string, unknown> = out;
    for (const key of keys.slice(0, -1)) {
      if (!isObject(at[key])) at[key] = {};
      at = at[key] as Record<string, unknown>;
    }
    at[keys.at(-1) ?? ''] = value;
  }
  return out;
}

function complaintsOf(
  issue: z.core.$ZodIssue,
  input: unknown,
  originOf: (path: string) => string,
  former: Readonly<Record<string, FormerField>>,
): Complaint[] {
  const { expected, example } = guideAt(issue.path);
  const path = formatPath(issue.path);
  if (issue.code !== 'unrecognized_keys') {
    return [{ path, from: originOf(path), expected, found: showAt(path, valueAt(input, issue.path)), example }];
  }
  const names = namesAt(issue.path);
  return issue.keys.map((key) => {
    const close = nearest(key, names);
    const at = {
      path: formatPath([...issue.path, key]),
      from: originOf(path),
      found: show(valueAt(input, [...issue.path, key])),
    };
    const gone = former[at.path];
    if (gone) return { ...at, expected: `${gone.instead}; ${key} was read until release ${gone.until}`, example: gone.example };
    const release = valueAt(input, ['release']);
    if (typeof release === 'string' && isNewer(release, version)) {
      const expected = `a field that release ${version} knows, and the configuration was written for ${release}`;
      return { ...at, expected, example: `npm install horizon-atlas@${release}` };
    }
    return {
      ...at,
      expected: close === undefined ? `one of ${names.join(', ')}` : `${close}; there is no ${key}`,
      example: close === undefined ? example : exampleOf([...issue.path, close], example),
    };
  });
}

/** A group of settings has no example of its own, and that of what stands around it would not fit. */
function exampleOf(path: readonly PropertyKey[], around: string): string {
  const { example } = guideAt(path);
  return `${String(path.at(-1))}: ${example === around ? '{ … }' : example}`;
}

function policyComplaints({ handoff }: ParsedConfig, from: string): Complaint[] {
  const known: Readonly<Record<string, number | boolean>> = { ...defaultPolicy };
  return Object.entries(handoff).flatMap(([name, value]) => {
    const standard = known[name];
    if (typeof standard === typeof value) return [];
    const close = nearest(name, Object.keys(known));
    const wrongName = close === undefined ? `one of ${Object.keys(known).join(', ')}` : `${close}; there is no ${name}`;
    return [
      {
        path: `handoff.${name}`,
        from,
        expected: standard === undefined ? wrongName : `a ${typeof standard}, by default ${standard}`,
        found: show(value),
        example: `${standard === undefined ? (close ?? 'repeatMs') : name}: ${standard ?? known[close ?? 'repeatMs']}`,
      },
    ];
  });
}

function fileComplaints(config: ParsedConfig, file: string): Complaint[] {
  const programs: [string, { entry?: string | undefined }][] = [
    ['regionServer', config.regionServer ?? {}],
    ...config.fleets.map((fleet, i): [string, { entry?: string | undefined }] => [`fleets[${i}]`, fleet]),
    ...config.companions.map((companion, i): [string, { entry?: string | undefined }] => [`companions[${i}]`, companion]),
  ];
  const files: [string, string, string][] = programs.flatMap(([path, { entry }]) =>
    entry === undefined ? [] : [[`${path}.entry`, entry, "'./region.ts'"]],
  );
  if (config.listeners !== undefined) files.push(['listeners', config.listeners, "'./listeners.ts'"]);
  if ('cert' in config.edge.tls) {
    files.push(['edge.tls.cert', config.edge.tls.cert, "'./tls/fullchain.pem'"]);
    files.push(['edge.tls.key', config.edge.tls.key, "'./tls/key.pem'"]);
  }
  for (const [i, { ports }] of config.fleets.entries())
    for (const [j, { edge }] of ports.entries())
      if (edge?.front?.secretFile !== undefined)
        files.push([`fleets[${i}].ports[${j}].edge.front.secretFile`, edge.front.secretFile, "'./forwarding.secret'"]);
  if ('cert' in config.gateway.tls) {
    files.push(['gateway.tls.cert', config.gateway.tls.cert, "'./tls/fullchain.pem'"]);
    files.push(['gateway.tls.key', config.gateway.tls.key, "'./tls/key.pem'"]);
  }
  return files
    .filter(([, name]) => !existsSync(resolve(dirname(file), name)))
    .map(([path, name, example]) => ({
      path,
      from: file,
      expected: 'a file that exists',
      found: `${show(name)}, and there is no ${resolve(dirname(file), name)}`,
      example,
    }));
}

function webComplaints({ web, pages, dataDir }: ParsedConfig, file: string): Complaint[] {
  const names = pages.map(({ name }) => name);
  const twice = pages.flatMap(({ name }, i) => {
    const [expected, found] = ['a name of its own', `'${name}', which another page has`];
    return names.indexOf(name) === i ? [] : [{ path: `pages[${i}].name`, from: file, expected, found, example: `'${name}-2'` }];
  });
  return [
    ...(web === undefined ? [] : clientComplaints('web', web, dataDir, file)),
    ...pages.flatMap((page, i) => clientComplaints(`pages[${i}].web`, page.web, dataDir, file)),
    ...twice,
  ];
}

function clientComplaints(field: string, web: string, dataDir: string, file: string): Complaint[] {
  const path = resolve(dirname(file), web);
  const complaint = (expected: string, found: string) => [{ path: field, from: file, expected, found, example: "'./web'" }];
  if (!existsSync(path)) return complaint('a folder or script that exists', `${show(web)}, and there is no ${path}`);
  if (!statSync(path).isDirectory()) {
    return isScript.test(path) ? [] : complaint('a folder with an index.html, or a script (.ts, .tsx, .js)', show(web));
  }
  if (!existsSync(join(path, 'index.html'))) return complaint('a folder with an index.html', `${show(web)}, which has none`);
  const holds = (inner: string) => !relative(path, inner).startsWith('..');
  if (!holds(file) && !holds(resolve(dirname(file), dataDir))) return [];
  return complaint('a folder of its own, since whoever opens the page can read all of it', `${show(web)}, with this file in it`);
}

function portComplaints({ api, gateway, world }: ParsedConfig, originOf: (path: string) => string): Complaint[] {
  if (!world) return [];
  const last = gateway.port + gateway.count - 1;
  if (gateway.port === 0 || api.port === 0) return [];
  const complaint = (path: string, expected: string, found: string, example: string) => [
    { path, from: originOf(path), expected, found, example },
  ];
  if (last > 65_535) {
    const most = String(65_536 - gateway.count);
    return complaint('gateway.port', `room for ${gateway.count} ports below 65536`, `${gateway.port} to ${last}`, most);
  }
  if (api.port < gateway.port || api.port > last) return [];
  return complaint('api.port', `none of the gateways' ports (${gateway.port} to ${last})`, String(api.port), String(last + 1));
}

function plainComplaints({ api, gateway, world }: ParsedConfig, originOf: (path: string) => string): Complaint[] {
  if (!world) return [];
  const { plain, port, count } = gateway;
  const refusal = plainRefusal(gateway);
  if (plain && refusal !== undefined) {
    const expected = 'no plain listener here: it is for gateway.tls { dev: true } on loopback';
    return [{ path: 'gateway.plain', from: originOf('gateway.plain'), expected, found: refusal, example: 'plain: false' }];
  }
  const first = plainListenerOf(gateway)?.port ?? 0;
  if (first === 0) return [];
  const last = first + count - 1;
  const complaint = (expected: string, found: string, example: string) => [
    { path: 'gateway.plain.port', from: originOf('gateway.plain.port'), expected, found, example },
  ];
  if (last > 65_535) return complaint(`room for ${count} ports below 65536`, `${first} to ${last}`, String(65_536 - count));
  const clashes = (from: number, to: number) => from !== 0 && first <= to && from <= last;
  if (!clashes(api.port, api.port) && !clashes(port, port + count - 1)) return [];
  const free = Math.max(api.port, port + count - 1) + 1;
  return complaint(
    'ports that neither the API nor the gateways use',
    first === last ? `${first}` : `${first} to ${last}`,
    `${free}`,
  );
}

function playComplaints({ matchmaking, fleets }: ParsedConfig, from: string): Complaint[] {
  return matchmaking
    ? matchmakingComplaints(
        matchmaking,
        from,
        fleets.map(({ name }) => name),
      ).map((each) => ({ ...each, from }))
    : [];
}

function complete(config: ParsedConfig, file: string): AtlasConfig {
  const home = dirname(file);
  const absolute = (name: string) => (isAbsolute(name) ? name : resolve(home, name));
  const { companions, gateway, world, web, matchmaking } = config;
  const program = ({
    entry,
    command,
    args,
    env,
  }: Pick<ParsedConfig['companions'][0], 'env' | 'args'> & {
    entry?: string | undefined;
    command?: string[] | undefined;
  }): Program => ({
    argv: [...(entry === undefined ? (command ?? []) : [process.execPath, absolute(entry)]), ...args],
    cwd: home,
    env,
  });
  const { tls } = gateway;
  const { web: _, matchmaking: __, ...rest } = config;
  const regionServer = config.regionServer ?? { command: [], args: [], env: {}, spares: 0, startTimeoutMs: 10_000 };
  return {
    ...rest,
    ...(web === undefined ? {} : { web: webSource(absolute(web)) }),
    pages: config.pages.map((page) => ({ name: page.name, web: webSource(absolute(page.web)) })),
    ...(matchmaking === undefined ? {} : { matchmaking: completeMatchmaking(matchmaking, file) }),
    file,
    dataDir: absolute(config.dataDir),
    listeners: config.listeners === undefined ? undefined : absolute(config.listeners),
    gateway: {
      ...gateway,
      // Gateways lead into a world.
      count: world ? gateway.count : 0,
      tls: 'cert' in tls ? { cert: absolute(tls.cert), key: absolute(tls.key) } : tls,
    },
    world: {
      regions: (world?.regions ?? []).map((region) => ({ ...region, name: region.name ?? region.id })),
      spawn: world?.spawn ?? { region: world?.regions[0]?.id ?? '' },
    },
    regionServer: { ...program(regionServer), spares: regionServer.spares, startTimeoutMs: regionServer.startTimeoutMs },
    edge: {
      ...config.edge,
      tls:
        'cert' in config.edge.tls
          ? { cert: absolute(config.edge.tls.cert), key: absolute(config.edge.tls.key) }
          : config.edge.tls,
    },
    fleets: config.fleets.map(({ entry, command, args, env, ...fleet }) => ({
      ...fleet,
      scaling: scalingOf({ entry, command, args, env, ...fleet }),
      ...program({ entry, command, args, env }),
    })),
    companions: companions.map(({ name, waitsFor = world ? 'world' : 'matchmaking', ...companion }) => ({
      ...{ name, waitsFor },
      ...program(companion),
    })),
  };
}

function webSource(path: string): WebConfig {
  return isScript.test(path) ? { kind: 'entry', entry: path } : { kind: 'folder', folder: path };
}

const isScript = /\.(ts|tsx|mts|js|jsx|mjs)$/;

/** Secrets are not repeated on a terminal or in a log. */
function showAt(path: string, value: unknown): string {
  return /(secret|auth\.token)$/i.test(path) && typeof value === 'string' ? `a text of ${value.length} characters` : show(value);
}
