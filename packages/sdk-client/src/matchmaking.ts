/**
 * Matchmaking for game clients, in browsers and in Node 22 or newer: `matchmake` queues the player and resolves with where to play. A module of its own,
 * so that games without it do not pay for it.
 *
 *   const place = await matchmake({ api: 'https://atlas.example', token, queue: 'duel', onTicket: ({ status }) => show(status) });
 *   connectTo(place.address, place.token);
 */
import { AtlasError, type ErrorCode, errors } from '@horizon-atlas/protocol';

export type TicketStatus =
  | 'QUEUED'
  | 'SEARCHING'
  | 'REQUIRES_ACCEPTANCE'
  | 'PLACING'
  | 'COMPLETED'
  | 'FAILED'
  | 'CANCELLED'
  | 'TIMED_OUT';

export interface Seat {
  readonly player: string;
  readonly team: string;
  /** `host:port`, or a URL where it is for a browser. */
  readonly address: string;
  /** To be shown to the edge or to the game server. */
  readonly token: string;
}

export interface Ticket {
  readonly id: string;
  readonly queue: string;
  readonly status: TicketStatus;
  readonly players: readonly string[];
  /** Half of those who wait like this are matched within it; null: not known. */
  readonly estimatedWaitMs: number | null;
  readonly match: string;
  readonly code: string;
  readonly message: string;
  readonly acceptance: { readonly untilMs: number; readonly accepted: readonly string[] } | null;
  readonly placement: { readonly server: string; readonly fleet: string; readonly seats: readonly Seat[] } | null;
}

export interface MatchmakeOptions {
  /** Of Atlas's API: `https://atlas.example`. In a page of its own: empty. */
  readonly api: string;
  /** The player's own token, or where to get one: asked before each request. */
  readonly token: string | (() => string | Promise<string>);
  readonly queue: string;
  /** What the rule set asks for. */
  readonly attributes?: Readonly<Record<string, string | number | readonly string[] | Readonly<Record<string, number>>>>;
  /** Round trips to places, ms. */
  readonly latencyMs?: Readonly<Record<string, number>>;
  /** A ticket that exists already, such as a party's: it is followed, and none is made. */
  readonly ticket?: string;
  /** Each change. */
  readonly onTicket?: (ticket: Ticket) => void;
  /** Asked where the queue asks players whether they want the match. Default: yes. */
  readonly accept?: (ticket: Ticket) => boolean | Promise<boolean>;
  /** Aborted: the ticket is cancelled, and the promise rejects with TICKET_STATE. */
  readonly signal?: AbortSignal;
  /** Default: the host's. */
  readonly fetch?: typeof fetch;
}

/** Where to play. */
export interface MatchPlace extends Seat {
  readonly match: string;
  readonly server: string;
  readonly ticket: Ticket;
}

/** Between two tries to hear of the ticket again, ms. */
const againMs = 500;
const over: readonly TicketStatus[] = ['COMPLETED', 'FAILED', 'CANCELLED', 'TIMED_OUT'];

/**
 * Rejects with AtlasError: what the API refused (PLAYER_WAITING, TICKET_INVALID, …), or TICKET_STATE where the ticket was cancelled, failed or timed out;
 * the message says which. A lost connection is dialled again: the ticket waits on.
 */
export async function matchmake(options: MatchmakeOptions): Promise<MatchPlace> {
  const api = new Api(options);
  const { ticket, queue, attributes, latencyMs, signal } = options;
  const wishes = { queue, ...(attributes ? { attributes } : {}), ...(latencyMs ? { latencyMs } : {}) };
  const id = ticket ?? (await api.ask<Ticket>('POST', 'tickets', wishes)).id;
  const cancel = () => void api.ask('DELETE', `tickets/${id}`).catch(() => {});
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return placeOf(await follow(api, id, options));
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

async function follow(api: Api, id: string, { onTicket, accept = () => true }: MatchmakeOptions): Promise<Ticket> {
  let asked = '';
  for (;;) {
    try {
      for await (const ticket of api.events(`tickets/${id}/watch`)) {
        onTicket?.(ticket);
        if (over.includes(ticket.status)) return ticket;
        // Once for each match: other players' answers change the ticket, too.
        if (ticket.status !== 'REQUIRES_ACCEPTANCE' || asked === ticket.match) continue;
        asked = ticket.match;
        void Promise.resolve(accept(ticket))
          .then((yes) => api.ask('POST', `tickets/${id}/accept`, { accept: yes }))
          .catch(() => {});
      }
    } catch (error) {
      if (error instanceof AtlasError && !errors[error.code].retry) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

function placeOf(ticket: Ticket): MatchPlace {
  const [seat] = ticket.placement?.seats ?? [];
  if (ticket.status === 'COMPLETED' && seat && ticket.placement) {
    return { ...seat, match: ticket.match, server: ticket.placement.server, ticket };
  }
  throw new AtlasError('TICKET_STATE', `the ticket is ${ticket.status}${ticket.message === '' ? '' : `: ${ticket.message}`}`);
}

class Api {
  readonly #options: MatchmakeOptions;

  constructor(options: MatchmakeOptions) {
    this.#options = options;
  }

  async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await this.#send(method, path, body);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** Tickets as they are pushed, until the stream ends. */
  async *events(path: string): AsyncGenerator<Ticket> {
    const response = await this.#send('GET', path);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) return;
      text += chunk.value;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
        text = text.slice(end + 2);
        if (data !== undefined) yield JSON.parse(data) as Ticket;
      }
    }
  }

  async #send(method: string, path: string, body?: object): Promise<Response> {
    const { api, token, fetch: given } = this.#options;
    const headers: Record<string, string> = { authorization: `Bearer ${typeof token === 'string' ? token : await token()}` };
    if (body) headers['content-type'] = 'application/json';
    const url = `${api.replace(/\/+$/, '')}/api/v1/matchmaking/${path}`;
    const send = given ?? ((input: string, init?: RequestInit) => fetch(input, init));
    const response = await send(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) }).catch(
      (error: unknown) => {
        throw new AtlasError('NOT_RUNNING', `no Atlas answers at ${url}: ${String(error)}`);
      },
    );
    if (response.ok) return response;
    const { code = '', detail = '' } = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
    throw new AtlasError(Object.hasOwn(errors, code) ? (code as ErrorCode) : 'INTERNAL', detail);
  }
}
