/**
 * What operators do, by the means that Atlas has anyway: a kill is a death like any other, a drain is a region that moves and a process that
 * is asked to end, a move is a jump of the game's own. The same act asked for again while it is under way is that act.
 *
 *   drain of a server    regions: empty it ─▶ server.emptied ─▶ fleet: retire it
 *   drain of a gateway   drain ─▶ drained, or its deadline ─▶ fleet: retire it
 */
import type { ActionResult, ActionSource, Outcome, Refusal } from '@horizon-atlas/control';
import type { Fleet, FleetServer } from '@horizon-atlas/fleet';
import type { Clock, Runner } from '@horizon-atlas/ports';
import type { ControlToGateway, ControlToServer, ErrorCode } from '@horizon-atlas/protocol';
import { errors } from '@horizon-atlas/protocol';
import type { PlayerPlace, Regions } from '@horizon-atlas/regions';
import { contains } from '@horizon-atlas/world';
import type { AtlasConfig } from '../config.ts';
import {
  drainGatewayEffects,
  emptyServerEffects,
  kickEffects,
  killGatewayEffects,
  killServerEffects,
  moveEffects,
} from './effects.ts';
import type { EventFields } from './sentences.ts';

export interface ActionsDeps {
  readonly clock: Clock;
  readonly config: AtlasConfig;
  /** undefined until they are made. */
  regions(): Regions | undefined;
  fleet(): Fleet | undefined;
  runner(): Runner | undefined;
  toServer(server: string, message: ControlToServer): void;
  toGateway(gateway: string, message: ControlToGateway): void;
  /** How many clients a gateway has. */
  connections(gateway: string): number;
  happened(name: string, fields: EventFields): void;
}

export const actionPolicy = {
  /** Until another server is there to take a region. Then its server is ended anyway, after a last checkpoint. */
  emptyMs: 10_000,
  /** A gateway's clients have so long to go by themselves: to another gateway, or, with only one, not at all. */
  drainMs: 5_000,
  drainAloneMs: 500,
  /** A server answers a `place` within a tick. One that is just crossing is asked again. */
  placeMs: 5_000,
  placeAgainMs: 150,
  placeTries: 6,
  /** Bytes of the reason that a player is told; a close frame has no more. */
  kickChars: 80,
} as const;

type Result = Outcome<{ readonly result: ActionResult }>;
type Verb = ActionResult['action'];
interface Plan {
  readonly effects: readonly string[];
  readonly players: number;
  /** Resolves when it is done, or to why it is not. */
  act(): Promise<Refusal | undefined>;
}

export class Actions implements ActionSource {
  readonly #deps: ActionsDeps;
  readonly #underWay = new Map<string, Promise<Result>>();
  /** Resolved when a server has no region any more, or a gateway no client. */
  readonly #waiting = new Map<string, () => void>();
  readonly #placing = new Map<number, (answer: { readonly ok: boolean; readonly code: string }) => void>();
  #requests = 0;

  constructor(deps: ActionsDeps) {
    this.#deps = deps;
  }

  // ---- what it is told ------------------------------------------------------------------------------------------------

  /** A server plays no region any more, or a gateway has no client. */
  emptied(process: string): void {
    this.#waiting.get(process)?.();
  }

  placed(request: number, ok: boolean, code: string): void {
    this.#placing.get(request)?.({ ok, code });
  }

  // ---- ActionSource ---------------------------------------------------------------------------------------------------

  kill(id: string, dryRun: boolean): Promise<Result> {
    return this.#onProcess('kill', id, dryRun, (process) => ({
      ...this.#killPlan(process),
      act: async () => {
        await this.#deps.runner()?.stop(id, 0);
        return undefined;
      },
    }));
  }

  drain(id: string, dryRun: boolean): Promise<Result> {
    return this.#onProcess('drain', id, dryRun, (process) => this.#retirePlan(process));
  }

  restart(id: string, dryRun: boolean): Promise<Result> {
    return this.#onProcess('restart', id, dryRun, (process) => this.#retirePlan(process));
  }

  move(id: string, to: { readonly x: number; readonly y: number; readonly z: number }, dryRun: boolean): Promise<Result> {
    const { regions } = this.#deps.config.world;
    const target = regions.find(({ bounds }) => contains(bounds, to.x, to.y, to.z));
    if (!target) return refused('POSITION_INVALID', `(${to.x}, ${to.y}, ${to.z}) lies in no region of this world`);
    return this.#onPlayer('move', id, dryRun, (player) => ({
      effects: moveEffects(player.name || player.player, target.name, this.#nameOf(player.region)),
      players: 1,
      act: () => this.#place(id, to, { region: target.id, ...to }),
    }));
  }

  kick(id: string, message: string, dryRun: boolean): Promise<Result> {
    return this.#onPlayer('kick', id, dryRun, (player) => ({
      effects: kickEffects(player.name || player.player),
      players: 1,
      act: async () => {
        const { session, group, server } = player;
        if (server === '') return refusal('PLAYER_BUSY');
        this.#tellOf('kick', { player: id, name: player.name || id, region: player.region });
        const reason = message.slice(0, actionPolicy.kickChars);
        // The gateway first, since it has the words.
        this.#deps.toGateway('*', { kind: 'kick', session, code: 'SESSION_KICKED', message: reason });
        this.#deps.toServer(server, { kind: 'endSession', session, group, code: 'SESSION_KICKED' });
        return undefined;
      },
    }));
  }

  // ---- processes ------------------------------------------------------------------------------------------------------

  #killPlan(process: FleetServer): Omit<Plan, 'act'> {
    if (process.role === 'gateway') {
      const facts = this.#gatewayFacts(process.server);
      return { effects: killGatewayEffects(facts), players: facts.players };
    }
    const facts = this.#serverFacts(process.server);
    return { effects: killServerEffects(facts), players: facts.players };
  }

  #retirePlan(process: FleetServer): Plan | Refusal {
    if (process.state !== 'ready')
      return refusal('PROCESS_STATE', `${process.server} is ${process.state}; wait until it is ready`);
    if (process.role === 'gateway') {
      const facts = this.#gatewayFacts(process.server);
      const act = () => this.#drainGateway(process.server, facts.others);
      return { effects: drainGatewayEffects(facts), players: facts.players, act };
    }
    const facts = this.#serverFacts(process.server);
    const act = () => this.#emptyServer(process.server, facts.regions.length > 0);
    return { effects: emptyServerEffects(facts), players: facts.players, act };
  }

  async #emptyServer(server: string, plays: boolean): Promise<Refusal | undefined> {
    if (plays) {
      const emptied = this.#until(server, actionPolicy.emptyMs);
      this.#deps.regions()?.emptyServer(server);
      await emptied;
    }
    // With nobody to take its regions it saves them as it ends, and the next one goes on from there.
    return this.#retire(server);
  }

  async #drainGateway(gateway: string, others: number): Promise<Refusal | undefined> {
    const deadlineMs = others > 0 ? actionPolicy.drainMs : actionPolicy.drainAloneMs;
    const drained = this.#until(gateway, deadlineMs + 500);
    this.#deps.toGateway(gateway, { kind: 'drain', deadlineMs });
    await drained;
    return this.#retire(gateway);
  }

  #retire(process: string): Refusal | undefined {
    // It may have died meanwhile, which ends in the same.
    this.#deps.fleet()?.retire(process);
    return undefined;
  }

  #until(process: string, ms: number): Promise<void> {
    const { clock } = this.#deps;
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.#waiting.delete(process);
        resolve();
      };
      const cancel = clock.at(clock.now() + ms, done);
      this.#waiting.set(process, done);
    });
  }

  #serverFacts(server: string) {
    const { config, regions, fleet } = this.#deps;
    const mine = config.world.regions.filter(({ id }) => regions()?.ownerOf(id) === server);
    let players = 0;
    for (const place of regions()?.players() ?? []) if (place.server === server) players++;
    const spare = (fleet()?.status().servers ?? []).some(
      (each) => each.role === 'server' && each.region === '' && each.state === 'ready' && each.server !== server,
    );
    return { regions: mine.map(({ name }) => name), players, spare };
  }

  #gatewayFacts(gateway: string) {
    const all = this.#deps.fleet()?.status().servers ?? [];
    const others = all.filter((each) => each.role === 'gateway' && each.state === 'ready' && each.server !== gateway).length;
    return { players: this.#deps.connections(gateway), others };
  }

  #onProcess(action: Verb, id: string, dryRun: boolean, plan: (process: FleetServer) => Plan | Refusal): Promise<Result> {
    const process = this.#deps
      .fleet()
      ?.status()
      .servers.find((each) => each.server === id && id !== '');
    if (!process) return refused('PROCESS_UNKNOWN', `no game server or gateway ${id} runs; atlas servers lists them`);
    if (process.pid === 0) return refused('PROCESS_STATE', `${id} has no process now (${process.state})`);
    const what = process.post;
    const about = process.role === 'server' ? { server: id, region: process.region } : { gateway: id };
    return this.#perform(action, id, dryRun, plan(process), () => this.#tellOf(action, { subject: what, ...about }));
  }

  // ---- players --------------------------------------------------------------------------------------------------------

  #onPlayer(action: Verb, id: string, dryRun: boolean, plan: (player: PlayerPlace) => Plan): Promise<Result> {
    const player = this.#deps.regions()?.player(id);
    if (!player) return refused('PLAYER_UNKNOWN', `no player ${id} is in the world; atlas players lists them`);
    return this.#perform(action, id, dryRun, plan(player), () => {});
  }

  async #place(id: string, to: { x: number; y: number; z: number }, told: EventFields): Promise<Refusal | undefined> {
    const { clock } = this.#deps;
    let last: Refusal = refusal('PLAYER_BUSY');
    for (let turn = 0; turn < actionPolicy.placeTries; turn++) {
      if (turn > 0) await new Promise<void>((resolve) => void clock.at(clock.now() + actionPolicy.placeAgainMs, resolve));
      const player = this.#deps.regions()?.player(id);
      if (!player) return refusal('PLAYER_UNKNOWN');
      if (player.server === '') continue;
      const { ok, code } = await this.#askToPlace(player, to);
      if (ok) {
        this.#tellOf('move', { player: id, name: player.name || id, ...told });
        return undefined;
      }
      last = refusal(code === 'POSITION_INVALID' || code === 'ACTION_TIMEOUT' ? code : 'PLAYER_BUSY');
      if (last.code !== 'PLAYER_BUSY') return last;
    }
    return last;
  }

  #askToPlace({ server, group, epoch }: PlayerPlace, to: { x: number; y: number; z: number }) {
    const { clock, toServer } = this.#deps;
    this.#requests = (this.#requests + 1) >>> 0;
    const request = this.#requests;
    return new Promise<{ readonly ok: boolean; readonly code: string }>((resolve) => {
      const done = (answer: { readonly ok: boolean; readonly code: string }) => {
        cancel();
        this.#placing.delete(request);
        resolve(answer);
      };
      const cancel = clock.at(clock.now() + actionPolicy.placeMs, () => done({ ok: false, code: 'ACTION_TIMEOUT' }));
      this.#placing.set(request, done);
      toServer(server, { kind: 'place', request, group, epoch, ...to });
    });
  }

  // ---- all ------------------------------------------------------------------------------------------------------------

  #perform(action: Verb, subject: string, dryRun: boolean, plan: Plan | Refusal, tell: () => void): Promise<Result> {
    if ('ok' in plan) return Promise.resolve(plan);
    const { effects, players } = plan;
    const result = (done: boolean): ActionResult => ({ action, subject, done, effects: [...effects], playersAffected: players });
    if (dryRun) return Promise.resolve({ ok: true, result: result(false) });
    // To drain and to restart is the same: the post is filled anew either way.
    const key = `${action === 'restart' ? 'drain' : action} ${subject}`;
    const same = this.#underWay.get(key);
    // Two moves of one player are two places.
    if (same && action !== 'move') return same;
    tell();
    const acting = plan
      .act()
      .then((refusal): Result => refusal ?? { ok: true, result: result(true) })
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, acting);
    return acting;
  }

  #tellOf(action: Verb, fields: EventFields): void {
    this.#deps.happened(`action.${action}`, fields);
  }

  #nameOf(region: string): string {
    return this.#deps.config.world.regions.find(({ id }) => id === region)?.name ?? region;
  }
}

function refusal(code: ErrorCode, message: string = errors[code].text): Refusal {
  return { ok: false, code, message };
}

function refused(code: ErrorCode, message?: string): Promise<Refusal> {
  return Promise.resolve(refusal(code, message));
}
