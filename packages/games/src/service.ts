/**
 * Servers that nobody here wrote, of all fleets that run a game definition: makes their launches, and speaks for them while they run. It starts and stops
 * nothing itself: the fleet does, and what it says of its servers is what is gone by here.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import type { Cancel, Clock, Probe, Queries, Runner, ServerSpec } from '@horizon-atlas/ports';
import { AtlasError, type GameServerPort, type GameServers, type GameServerView } from '@horizon-atlas/protocol';
import type { GameDefinition } from './core/definition-schema.ts';
import { filled } from './core/placeholders.ts';
import { withinMsOf } from './core/readiness.ts';
import type { Game } from './definition.ts';
import { makeLaunch, stopGraceMs } from './launch.ts';
import { madeUpSecret, madeUpSecrets, writeFolder } from './server-folder.ts';
import { type VariableValues, variableComplaints, variableTexts } from './variables.ts';
import { Voice } from './voice.ts';

export interface GamesDeps {
  readonly clock: Clock;
  readonly probe: Probe;
  readonly queries: Queries;
  readonly runner: Runner;
  readonly servers: GameServers;
  /** Where servers' folders are: <root>/<fleet>/<place>. */
  readonly root: string;
  /** The configuration's folder: npm packages are looked for from there on. */
  readonly project: string;
  /** Who a server with a `user` runs as; throws where the machine has no such user. */
  readonly userOf?: (name: string) => { readonly uid: number; readonly gid: number };
}

/** A fleet that runs a game definition. */
export interface GameFleet {
  readonly name: string;
  readonly game: Game;
  readonly variables: VariableValues;
  /** Where its servers listen. */
  readonly host: string;
  /** Instead of the definition's. */
  readonly sleep?: { readonly how: 'stop' | 'freeze' | 'never'; readonly afterMs?: number };
}

/** A server that is to be started, with the ports that its fleet has found for it. */
export interface GamePlace {
  readonly id: string;
  readonly fleet: string;
  readonly ports: readonly GameServerPort[];
}

export interface GameLaunch {
  readonly spec: ServerSpec;
  /** For `Runner.stop`. */
  readonly stopGraceMs: number;
  /** A start takes at most so long; the voice says so by then. */
  readonly readyWithinMs: number;
}

export interface Games {
  /**
   * Gives a server its folder and files. Again for the same id when it is woken: it keeps its folder.
   * Throws GAME_PROGRAM_MISSING, GAME_FOLDER_UNUSABLE.
   */
  launch(server: GamePlace, logFile: string): GameLaunch;
  /** What a server was given; undefined: it is no game's, or has not been launched. */
  launched(id: string): { readonly game: Game; readonly ports: readonly GameServerPort[]; readonly folder: string } | undefined;
  /** The edge has so many sessions to it. */
  edged(id: string, sessions: number): void;
  /** A line for its console. Codes: PROCESS_UNKNOWN, CONSOLE_NONE, CONSOLE_FULL. */
  type(id: string, line: string): void;
  /** Saves, and copies what is worth keeping. Answers the backup's folder. Rejects with PROCESS_UNKNOWN, ACTION_TIMEOUT, GAME_FOLDER_UNUSABLE. */
  backup(id: string): Promise<string>;
  /** Takes secrets of the server out of a text that is shown to somebody. */
  redacted(id: string, text: string): string;
  start(): void;
  close(): void;
}

export function makeGames(deps: GamesDeps, fleets: readonly GameFleet[]): Games {
  return new GamesService(deps, fleets);
}

/** Throws GAME_VARIABLE_INVALID. */
export function checkVariables({ name, game, variables }: Pick<GameFleet, 'name' | 'game' | 'variables'>): void {
  const wrong = variableComplaints(game.definition, variables);
  if (wrong.length === 0) return;
  const lines = wrong.map((each) => `  ${each.name}\n    expected  ${each.expected}\n    found     ${each.found}`);
  throw new AtlasError(
    'GAME_VARIABLE_INVALID',
    `variables of the fleet ${name} (${game.definition.name})\n\n${lines.join('\n\n')}`,
  );
}

interface Placed {
  readonly id: string;
  readonly fleet: GameFleet;
  readonly place: number;
  readonly folder: string;
  readonly ports: readonly GameServerPort[];
  readonly logFile: string;
  readonly mark: string;
  readonly secrets: readonly string[];
  voice: Voice | undefined;
  /** Of the edge; undefined: it has told nothing. */
  sessions: number | undefined;
  state: GameServerView['state'] | '';
  pid: number;
}

/** Of a placed server, in its folder: for the next Atlas. */
const placeFile = '.atlas-place.json';

class GamesService implements Games {
  readonly #deps: GamesDeps;
  readonly #fleets: ReadonlyMap<string, GameFleet>;
  readonly #placed = new Map<string, Placed>();
  #unwatch: Cancel = () => {};

  constructor(deps: GamesDeps, fleets: readonly GameFleet[]) {
    this.#deps = deps;
    this.#fleets = new Map(fleets.map((fleet) => [fleet.name, fleet]));
    for (const fleet of fleets) checkVariables(fleet);
    this.#findPlaces();
  }

  start(): void {
    this.#unwatch = this.#deps.servers.watch((view, gone) => this.#saw(view, gone));
    const views = this.#deps.servers.list();
    const known = new Set(views.map(({ id }) => id));
    // What ended while no Atlas ran has no place any more.
    for (const id of [...this.#placed.keys()]) if (!known.has(id)) this.#forget(id);
    for (const view of views) this.#saw(view, false);
  }

  close(): void {
    this.#unwatch();
    for (const { voice } of this.#placed.values()) voice?.close();
  }

  launch({ id, fleet: name, ports }: GamePlace, logFile: string): GameLaunch {
    const fleet = this.#fleets.get(name);
    if (!fleet) throw new AtlasError('GAME_UNKNOWN', `the fleet ${name} runs no game definition`);
    const { definition } = fleet.game;
    const former = this.#placed.get(id);
    former?.voice?.close();
    const place = former?.place ?? this.#freePlace(name);
    const folder = former?.folder ?? join(this.#deps.root, name, String(place));
    const values = variableTexts(definition, fleet.variables, (variable, length) => madeUpSecret(folder, variable, length));
    const secrets = secretsOf(definition, values, folder);
    const owner = definition.user === undefined ? undefined : this.#deps.userOf?.(definition.user);
    const { spec, files } = makeLaunch({
      id,
      fleet: name,
      game: fleet.game,
      values,
      ports,
      host: fleet.host,
      folder,
      project: this.#deps.project,
      logFile,
    });
    writeFolder(folder, files, owner);
    const mark = `--- started by Horizon Atlas ${randomBytes(6).toString('hex')} ---`;
    this.#remember(folder, { id, ports, logFile, mark, place });
    mkdirSync(dirname(logFile), { recursive: true });
    // On a line of its own, whatever stands before.
    appendFileSync(logFile, `${existsSync(logFile) ? '\n' : ''}${mark}\n`, { mode: 0o640 });
    this.#placed.set(id, {
      id,
      fleet,
      place,
      folder,
      ports,
      logFile,
      mark,
      secrets,
      voice: undefined,
      sessions: former?.sessions,
      state: '',
      pid: 0,
    });
    return { spec, stopGraceMs: stopGraceMs(definition), readyWithinMs: withinMsOf(definition) };
  }

  launched(id: string): { readonly game: Game; readonly ports: readonly GameServerPort[]; readonly folder: string } | undefined {
    const placed = this.#placed.get(id);
    return placed && { game: placed.fleet.game, ports: placed.ports, folder: placed.folder };
  }

  edged(id: string, sessions: number): void {
    const placed = this.#placed.get(id);
    if (!placed) return;
    placed.sessions = sessions;
    placed.voice?.edged(sessions);
  }

  type(id: string, line: string): void {
    // One line: what a control character would do to a console is not known.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    const answer = this.#deps.runner.write(id, `${line.replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, ' ')}\n`);
    if (answer === 'unknown') throw new AtlasError('PROCESS_UNKNOWN');
    if (answer === 'none')
      throw new AtlasError(
        'CONSOLE_NONE',
        `${id} has no console: its game definition says neither console: true nor a step that writes`,
      );
    if (answer === 'full') throw new AtlasError('CONSOLE_FULL', `${id} does not read what is typed at its console`);
  }

  async backup(id: string): Promise<string> {
    const placed = this.#placed.get(id);
    if (!placed) throw new AtlasError('PROCESS_UNKNOWN');
    const { saves, name } = placed.fleet.game.definition;
    if (!saves) throw new AtlasError('REQUEST_INVALID', `the definition of ${name} names nothing to save`);
    if (saves.write !== undefined && placed.voice && placed.state !== 'Sleeping') {
      const done = saves.done === undefined ? undefined : placed.voice.saved(saves.waitMs);
      this.type(id, filled(saves.write, new Map([['dir', placed.folder]])));
      if (done && !(await done))
        throw new AtlasError('ACTION_TIMEOUT', `${id} did not say in ${saves.waitMs} ms that it has saved`);
    }
    return this.#copy(placed, saves);
  }

  redacted(id: string, text: string): string {
    const secrets = this.#placed.get(id)?.secrets ?? [];
    return secrets.reduce((shown, secret) => shown.replaceAll(secret, '•••'), text);
  }

  #saw(view: GameServerView, gone: boolean): void {
    const placed = this.#placed.get(view.id);
    if (!placed) return;
    if (gone) return this.#forget(view.id);
    const before = placed.state;
    placed.state = view.state;
    if (view.state === 'Sleeping') {
      placed.voice?.asleep();
      if (view.pid === 0) placed.pid = 0;
      return;
    }
    if (view.state === 'Shutdown' || view.state === 'Unhealthy' || view.state === 'Error') return placed.voice?.close();
    if (view.pid === 0) return;
    if (view.pid !== placed.pid || !placed.voice) {
      placed.pid = view.pid;
      placed.voice ??= this.#voiceOf(placed);
      placed.voice.started(view.pid, view.state !== 'Starting' && view.state !== 'Scheduled');
      if (placed.sessions !== undefined) placed.voice.edged(placed.sessions);
    } else if (before === 'Sleeping') placed.voice.awake();
  }

  #voiceOf({ id, fleet, ports, logFile, mark }: Placed): Voice {
    const { clock, probe, queries, servers } = this.#deps;
    const { definition } = fleet.game;
    const how = fleet.sleep?.how ?? definition.sleep?.how ?? 'never';
    const afterMs = fleet.sleep?.afterMs ?? definition.sleep?.afterMs ?? 300_000;
    return new Voice(
      {
        clock,
        probe,
        queries,
        say: (word) => void servers.heard(id, word),
        sleep: (kind) => void servers.sleep(id, kind),
      },
      {
        id,
        definition,
        ports,
        logFile,
        mark,
        capacity: capacityOf(fleet),
        sleep: how === 'never' ? undefined : { how: how === 'stop' ? 'stopped' : 'frozen', afterMs },
      },
    );
  }

  #forget(id: string): void {
    const placed = this.#placed.get(id);
    placed?.voice?.close();
    this.#placed.delete(id);
    if (placed) rmSync(join(placed.folder, placeFile), { force: true });
  }

  #freePlace(fleet: string): number {
    const used = new Set([...this.#placed.values()].filter((each) => each.fleet.name === fleet).map(({ place }) => place));
    for (let place = 0; ; place++) if (!used.has(place)) return place;
  }

  #remember(folder: string, record: Pick<Placed, 'id' | 'ports' | 'logFile' | 'mark' | 'place'>): void {
    writeFileSync(join(folder, placeFile), JSON.stringify(record), { mode: 0o600 });
  }

  /** What a former Atlas placed. */
  #findPlaces(): void {
    for (const fleet of this.#fleets.values()) {
      const root = join(this.#deps.root, fleet.name);
      for (const name of existsSync(root) ? readdirSync(root) : []) {
        const record = readPlace(join(root, name, placeFile));
        if (!record) continue;
        const secrets = this.#secretsIn(join(root, name), fleet);
        this.#placed.set(record.id, {
          ...record,
          fleet,
          folder: join(root, name),
          secrets,
          voice: undefined,
          sessions: undefined,
          state: '',
          pid: 0,
        });
      }
    }
  }

  #secretsIn(folder: string, { game, variables }: GameFleet): string[] {
    const values = variableTexts(game.definition, variables, (name, length) => madeUpSecret(folder, name, length));
    return secretsOf(game.definition, values, folder);
  }

  #copy({ folder, fleet, place }: Placed, saves: NonNullable<GameDefinition['saves']>): string {
    const root = join(this.#deps.root, fleet.name, `${place}.backups`);
    const backup = join(root, new Date(this.#deps.clock.wall()).toISOString().replace(/[:.]/g, '-'));
    try {
      for (const path of saves.paths) {
        const from = resolve(folder, path);
        if (!from.startsWith(`${folder}${sep}`) || !existsSync(from)) continue;
        cpSync(from, join(backup, path), { recursive: true, verbatimSymlinks: true });
      }
      mkdirSync(backup, { recursive: true });
      const all = readdirSync(root).sort();
      for (const old of all.slice(0, Math.max(0, all.length - saves.keep))) rmSync(join(root, old), { recursive: true });
      return backup;
    } catch (error) {
      throw new AtlasError('GAME_FOLDER_UNUSABLE', `${backup}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function secretsOf({ variables }: GameDefinition, values: ReadonlyMap<string, string>, folder: string): string[] {
  const now = Object.entries(variables).flatMap(([name, { secret }]) => (secret ? [values.get(name) ?? ''] : []));
  // A shorter one would be found everywhere.
  return [...new Set([...now, ...Object.values(madeUpSecrets(folder))])].filter((value) => value.length >= 4);
}

function capacityOf({ game, variables }: GameFleet): number | undefined {
  const capacity = game.definition.players?.capacity;
  if (typeof capacity !== 'string') return capacity;
  const value = variables[capacity] ?? game.definition.variables[capacity]?.default;
  return typeof value === 'number' ? value : undefined;
}

function readPlace(path: string): Pick<Placed, 'id' | 'ports' | 'logFile' | 'mark' | 'place'> | undefined {
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as Placed;
    const { id, ports, logFile, mark, place } = record;
    const right =
      [id, logFile, mark].every((each) => typeof each === 'string') && Array.isArray(ports) && Number.isInteger(place);
    return right ? { id, ports, logFile, mark, place } : undefined;
  } catch {
    return undefined;
  }
}
