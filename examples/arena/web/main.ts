/** The arena in the browser: queue, play, see what came of it, queue again. */
import { AtlasError } from '@horizon-atlas/sdk-client';
import { pageAccess } from '@horizon-atlas/sdk-client/page';
import type { Welcome } from '../messages.ts';
import { modeOf } from '../modes.ts';
import { makeQueueing, type Rating, type Seat, type Ticket } from '../queueing.ts';
import { SeatTaken } from '../seat.ts';
import { Controls } from './controls.ts';
import { Field } from './field.ts';
import { Lobby } from './lobby.ts';

const QUEUE = 'arena';
const POOL = 'arena';
/** How often it is looked who else waits, ms. */
const LOOK_MS = 1_000;
/** The rating is new when the result is on Atlas's disk: asked this often, so many times. */
const rated = { eachMs: 250, times: 20 };

const byId = (id: string) => document.getElementById(id) as HTMLElement;
const field = new Field(byId('field') as HTMLCanvasElement);
const controls = new Controls(byId('pad'));
const lobby = new Lobby(byId);
let search: AbortController | undefined;

const frame = (nowMs: number) => {
  field.draw(nowMs);
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
begin().catch(tellTrouble);

async function begin(): Promise<void> {
  const access = await pageAccess({ name: new URLSearchParams(location.search).get('name') ?? undefined });
  const queueing = makeQueueing({ api: '', token: access.token });
  const rating = () => queueing.rating(POOL, access.player);
  let known: Rating | undefined = await rating().catch(() => undefined);
  lobby.you(access.name, known);
  lobby.ready();
  const go = async (): Promise<void> => {
    search = new AbortController();
    const { signal } = search;
    lobby.waits();
    const ticket = await place(signal);
    search = undefined;
    const seat = ticket?.placement?.seats.find(({ player }) => player === access.player);
    if (!seat) {
      if (ticket && ticket.status !== 'CANCELLED') lobby.trouble(ticket.message || `The search has ended: ${ticket.status}.`);
      return lobby.ready();
    }
    if (await play(seat)) {
      known = await moved(rating, known);
      lobby.you(access.name, known);
    }
  };
  lobby.onPlay(() => {
    if (search) search.abort();
    else go().catch(tellTrouble);
  });

  /** Resolves with the ticket when it is over; undefined if it was cancelled here. */
  async function place(signal: AbortSignal): Promise<Ticket | undefined> {
    let last: Ticket | undefined;
    const { id } = await queueing.queue(QUEUE, { name: access.name }).catch(asBefore);
    const look = setInterval(() => {
      queueing.look(QUEUE).then(
        ({ players }) => last?.status === 'SEARCHING' && lobby.waitsWith(Math.max(0, players - 1)),
        () => {},
      );
    }, LOOK_MS);
    const cancel = () => void queueing.cancel(id).catch(() => {});
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    try {
      for await (const ticket of queueing.watch(id)) {
        last = ticket;
        if (ticket.status === 'PLACING') lobby.placing();
      }
    } finally {
      clearInterval(look);
    }
    return last;
  }

  /** A page that was loaded anew while it waited goes on with its ticket. */
  async function asBefore(error: unknown): Promise<{ id: string }> {
    if (!(error instanceof AtlasError) || error.code !== 'PLAYER_WAITING') throw error;
    const { ticket } = await queueing.whereIs(access.player);
    if (ticket === '') throw error;
    return { id: ticket };
  }
}

/** Resolves with whether it was played to its end. */
function play(seat: Seat): Promise<boolean> {
  return new Promise((resolve) => {
    let welcome: Welcome | undefined;
    const taken = new SeatTaken(seat, WebSocket, {
      welcome(told) {
        welcome = told;
        field.begin(told, modeOf(told.mode));
        lobby.begins(told);
        byId('pad').focus();
      },
      view(view) {
        if (!welcome) return;
        field.view(view, performance.now());
        lobby.view(view, welcome);
        taken.wish(controls.wish(field.aimAt));
      },
      over(over) {
        if (welcome) lobby.over(over, welcome);
        resolve(welcome !== undefined);
      },
      lost(why) {
        lobby.lost(why);
        resolve(false);
      },
    });
  });
}

async function moved(rating: () => Promise<Rating>, before: Rating | undefined): Promise<Rating | undefined> {
  for (let i = 0; i < rated.times; i++) {
    const now = await rating().catch(() => undefined);
    if (now && now.games !== (before?.games ?? 0)) return now;
    await new Promise((resolve) => setTimeout(resolve, rated.eachMs));
  }
  return before;
}

function tellTrouble(error: unknown): void {
  search = undefined;
  lobby.ready();
  lobby.trouble(error instanceof Error ? error.message : String(error));
}
