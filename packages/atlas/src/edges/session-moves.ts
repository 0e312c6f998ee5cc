/**
 * Moves of players between game servers on the way that they have: which server, whether it is up and has room, waking it if it sleeps, and the edge's answer. An edge moves UDP
 * sessions, and those behind a front.
 */
import type { Clock } from '@horizon-atlas/ports';
import type { Doorkeeper, EdgeListener, EdgeSession, ErrorCode, GameServers, GameServerView } from '@horizon-atlas/protocol';
import { isComing, isUp } from './edge-target.ts';

/** One of both. */
export interface MoveWish {
  readonly server?: string | undefined;
  /** Whichever of its servers has the fewest players. */
  readonly fleet?: string | undefined;
  /** How long the server may take to be there, ms. */
  readonly waitMs: number;
}

export type MoveOutcome =
  | { readonly ok: true; readonly server: string }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

export interface SessionMovesDeps {
  readonly clock: Clock;
  readonly servers: GameServers;
  readonly knock: Doorkeeper['knock'];
  /** Edges are told of its servers. */
  readonly reaches: (fleet: string) => boolean;
  /** Tells the edge; what has changed of game servers was told before. False: it is not there. */
  readonly send: (edge: string, message: { readonly move: number; readonly session: number; readonly server: string }) => boolean;
}

interface Asked {
  readonly edge: string;
  answer(outcome: { readonly code: string; readonly message: string }): void;
}

/** A front gives up a server before that. */
const ANSWER_MS = 15_000;

export class SessionMoves {
  readonly #deps: SessionMovesDeps;
  readonly #asked = new Map<number, Asked>();
  #last = 0;

  constructor(deps: SessionMovesDeps) {
    this.#deps = deps;
  }

  async move(edge: string, session: EdgeSession, listener: EdgeListener, wish: MoveWish): Promise<MoveOutcome> {
    const cannot = immovable(session, listener);
    if (cannot !== undefined) return refused('MOVE_IMPOSSIBLE', cannot);
    const found = await this.#wanted(session, listener, wish);
    if ('code' in found) return refused(found.code, found.message);
    if (found.id === session.server && session.state === 'open') return { ok: true, server: found.id };
    const { code, message } = await this.#ask(edge, session.session, found.id);
    return code === '' ? { ok: true, server: found.id } : refused('MOVE_FAILED', message);
  }

  /** As an edge has answered. */
  moved(move: number, code: string, message: string): void {
    this.#asked.get(move)?.answer({ code, message });
  }

  /** What it was asked is not answered any more. */
  lost(edge: string): void {
    for (const asked of this.#asked.values())
      if (asked.edge === edge) asked.answer({ code: 'MOVE_FAILED', message: 'the edge has ended' });
  }

  #ask(edge: string, session: number, server: string): Promise<{ readonly code: string; readonly message: string }> {
    const { clock, send } = this.#deps;
    const move = ++this.#last;
    return new Promise((resolve) => {
      const answer = (outcome: { readonly code: string; readonly message: string }): void => {
        cancel();
        this.#asked.delete(move);
        resolve(outcome);
      };
      const late = { code: 'MOVE_FAILED', message: `${edge} has not answered in ${ANSWER_MS / 1000} s` };
      const cancel = clock.at(clock.now() + ANSWER_MS, () => answer(late));
      this.#asked.set(move, { edge, answer });
      if (!send(edge, { move, session, server })) answer({ code: 'MOVE_FAILED', message: `${edge} has no link to this Atlas` });
    });
  }

  // ---- which server ------------------------------------------------------------------------------------------------

  async #wanted(
    session: EdgeSession,
    listener: EdgeListener,
    wish: MoveWish,
  ): Promise<GameServerView | { readonly code: ErrorCode; readonly message: string }> {
    const { servers, clock, knock } = this.#deps;
    const deadline = clock.now() + wish.waitMs;
    for (let first = true; ; first = false) {
      const choice = this.#choice(session, listener, wish);
      if ('code' in choice) return choice;
      if (choice.server && isUp(choice.server.state)) return choice.server;
      const left = deadline - clock.now();
      if (left <= 0) return { code: 'NOT_READY', message: `${choice.server?.id ?? wish.fleet} is not up: ${choice.is}` };
      if (choice.server?.state === 'Sleeping') servers.wake(choice.server.id);
      else if (!choice.server && first && wish.fleet !== undefined) knock(wish.fleet);
      await this.#change(left);
    }
  }

  /** Who it would be now; without a server: nobody yet. */
  #choice(
    session: EdgeSession,
    { fleet: own, port, front }: EdgeListener,
    { server: id, fleet }: MoveWish,
  ): { readonly server?: GameServerView; readonly is: string } | { readonly code: ErrorCode; readonly message: string } {
    const { servers, reaches } = this.#deps;
    const view = id === undefined ? undefined : servers.get(id);
    if (id !== undefined && !view) return { code: 'PROCESS_UNKNOWN', message: `there is no game server ${JSON.stringify(id)}` };
    const name = view?.fleet ?? fleet ?? own;
    if (!reaches(name)) return { code: 'FLEET_UNKNOWN', message: `edges lead to no fleet ${JSON.stringify(name)}` };
    if (!front && name !== own) {
      return {
        code: 'MOVE_IMPOSSIBLE',
        message: `a UDP session moves between servers of its own fleet, ${own}, and ${name} is another one`,
      };
    }
    const all = view ? [view] : servers.list(name).filter((each) => each.id !== session.server);
    const able = all.filter(({ state }) => isUp(state));
    const led = able.filter(({ ports }) => ports.some((each) => each.name === port));
    const free = led.filter((each) => !isFull(each) || each.id === session.server);
    const [best] = free.sort((a, b) => (a.players?.count ?? 0) - (b.players?.count ?? 0));
    if (best) return { server: best, is: best.state };
    if (led[0])
      return { code: 'SERVER_FULL', message: `${view ? view.id : `each server of ${name}`} has as many players as it takes` };
    if (able[0]) return { code: 'MOVE_IMPOSSIBLE', message: `${able[0].id} has no port ${port}` };
    const next = all.find(({ state }) => state === 'Sleeping') ?? all.find(({ state }) => isComing(state));
    if (next) return { server: next, is: next.state };
    if (view) return { code: 'PROCESS_STATE', message: `${view.id} takes nobody in: it is ${view.state}` };
    return { is: `it has no ${all.length > 0 ? 'server that takes anybody in' : 'other server'}` };
  }

  /** Resolves when some game server has changed, or the time is over. */
  #change(withinMs: number): Promise<void> {
    const { servers, clock } = this.#deps;
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        unwatch();
        resolve();
      };
      const unwatch = servers.watch(done);
      const cancel = clock.at(clock.now() + withinMs, done);
    });
  }
}

function immovable({ protocol }: EdgeSession, { front, listener }: EdgeListener): string | undefined {
  if (protocol === 'udp' || front) return undefined;
  if (protocol === 'ws') return `${listener} passes a WebSocket through: the game’s client has to connect again`;
  return `${listener} passes TCP through as it is, and the next server would know nothing of what was said; a front that understands the game can (edge.front)`;
}

function isFull({ players }: GameServerView): boolean {
  return players !== undefined && players.capacity > 0 && players.count >= players.capacity;
}

function refused(code: ErrorCode, message: string): MoveOutcome {
  return { ok: false, code, message };
}
