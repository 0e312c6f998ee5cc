/** One player without a person, or a few who are friends: queue, play, rest, and queue again. Together they are one ticket. */
import type { Prng } from '@horizon-atlas/base';
import { AtlasError } from '@horizon-atlas/protocol';
import type { View, Welcome } from './messages.ts';
import { Mind } from './mind.ts';
import { makeQueueing, type Queueing, type Seat, type Ticket } from './queueing.ts';
import { SeatTaken } from './seat.ts';

export interface BotSetup {
  readonly player: string;
  readonly name: string;
  /** 0 to 1. */
  readonly skill: number;
  readonly prng: Prng;
  readonly token: () => string;
}

export interface PartySetup {
  readonly api: string;
  readonly queue: string;
  readonly bots: readonly BotSetup[];
  readonly prng: Prng;
  readonly WebSocket: new (url: string) => unknown;
  readonly figures: Figures;
}

/** Of all bots together, since their start. */
export interface Figures {
  queued: number;
  matches: number;
  finished: number;
  /** Their match server died, or let them not in. */
  lost: number;
  refused: number;
}

/** Between two matches, ms. */
const restMs = { least: 2_000, most: 22_000 };
/** A bot thinks each so many views. */
const THINK_EACH = 3;
const VIEW_S = 1 / 20;
const AGAIN_MS = 2_000;
/** Longer than any match: a seat that is silent for so long leads nowhere. */
const MATCH_MS = 300_000;

interface Member extends BotSetup {
  readonly queueing: Queueing;
}

export class Party {
  readonly #setup: PartySetup;
  readonly #members: readonly Member[];
  readonly #stop = new AbortController();
  #hurry: () => void = () => {};
  #restingSince = 0;
  waiting = false;

  constructor(setup: PartySetup) {
    this.#setup = setup;
    this.#members = setup.bots.map((bot) => ({ ...bot, queueing: makeQueueing({ api: setup.api, token: bot.token }) }));
  }

  get size(): number {
    return this.#members.length;
  }

  /** How long it has rested; undefined: it does not. */
  restedMs(nowMs: number): number | undefined {
    return this.#restingSince === 0 ? undefined : nowMs - this.#restingSince;
  }

  /** Somebody waits for players: the rest is over. */
  hurry(): void {
    this.#hurry();
  }

  stop(): void {
    this.#stop.abort();
    this.#hurry();
  }

  /** Until it is stopped. */
  async live(): Promise<void> {
    const { prng, figures } = this.#setup;
    while (!this.#stop.signal.aborted) {
      await this.#rest(prng.between(restMs.least, restMs.most));
      if (this.#stop.signal.aborted) return;
      try {
        const ticket = await this.#queued();
        if (ticket?.placement) await this.#played(ticket.placement.seats);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        figures.refused++;
        // What is no answer of Atlas is a bug here.
        if (!(error instanceof AtlasError)) throw error;
        await this.#rest(AGAIN_MS);
      }
    }
  }

  #rest(ms: number): Promise<void> {
    this.#restingSince = performance.now();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#hurry(), ms);
      this.#hurry = () => {
        clearTimeout(timer);
        this.#restingSince = 0;
        this.#hurry = () => {};
        resolve();
      };
    });
  }

  /** Resolves with the ticket's last state, in which everybody's seat is. */
  async #queued(): Promise<Ticket | undefined> {
    const [leader] = this.#members;
    if (!leader) return undefined;
    const id = this.#members.length > 1 ? await this.#ticketOfAll(leader) : await this.#ticketOf(leader);
    if (id === undefined) return undefined;
    this.#setup.figures.queued += this.#members.length;
    this.waiting = true;
    try {
      const last = await Promise.all(
        this.#members.map(async ({ queueing }) => {
          let ticket: Ticket | undefined;
          for await (const each of queueing.watch(id, this.#stop.signal)) ticket = each;
          return ticket;
        }),
      );
      const placed = last.flatMap((ticket) => ticket?.placement?.seats ?? []);
      const [first] = last;
      return first?.placement ? { ...first, placement: { ...first.placement, seats: placed } } : undefined;
    } finally {
      this.waiting = false;
    }
  }

  /** The one that it has already, where it was interrupted while it waited. */
  async #ticketOf({ queueing, name, player }: Member): Promise<string> {
    try {
      return (await queueing.queue(this.#setup.queue, { name })).id;
    } catch (error) {
      if (!(error instanceof AtlasError) || error.code !== 'PLAYER_WAITING') throw error;
      const { ticket } = await queueing.whereIs(player);
      if (ticket === '') throw error;
      return ticket;
    }
  }

  async #ticketOfAll(leader: Member): Promise<string> {
    const others = this.#members.slice(1);
    const { party: known } = await leader.queueing.whereIs(leader.player);
    const party = known === '' ? (await leader.queueing.openParty()).id : known;
    for (const { queueing, player } of others) {
      const { party: own } = await queueing.whereIs(player);
      if (own !== '' && own !== party) await queueing.leaveParty(own);
      if (own !== party) await queueing.joinParty(party);
    }
    for (const { queueing, name } of this.#members) await queueing.readyParty(party, { name });
    return (await leader.queueing.queueParty(party, this.#setup.queue)).ticket;
  }

  async #played(seats: readonly Seat[]): Promise<void> {
    const { figures } = this.#setup;
    figures.matches++;
    const ends = await Promise.all(
      this.#members.map((member) => {
        const seat = seats.find(({ player }) => player === member.player);
        return seat ? this.#playOne(member, seat) : false;
      }),
    );
    if (ends.every((finished) => finished)) figures.finished++;
    else if (!this.#stop.signal.aborted) figures.lost++;
  }

  /** Resolves with whether the match was played to its end. */
  #playOne({ skill, prng }: Member, seat: Seat): Promise<boolean> {
    return new Promise((resolve) => {
      let mind: Mind | undefined;
      let views = prng.below(THINK_EACH);
      const end = (finished: boolean): void => {
        clearTimeout(tooLong);
        this.#stop.signal.removeEventListener('abort', leave);
        resolve(finished);
      };
      const taken = new SeatTaken(seat, this.#setup.WebSocket, {
        welcome: (welcome: Welcome) => {
          mind = new Mind(welcome, skill, prng);
        },
        view: (view: View) => {
          if (++views % THINK_EACH === 0 && mind) taken.wish(mind.wish(view, THINK_EACH * VIEW_S));
        },
        over: () => end(true),
        lost: () => end(false),
      });
      const leave = (): void => {
        taken.leave();
        end(false);
      };
      const tooLong = setTimeout(leave, MATCH_MS);
      this.#stop.signal.addEventListener('abort', leave);
    });
  }
}
