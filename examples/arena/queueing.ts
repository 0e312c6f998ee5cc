/**
 * From a wish to play to a seat in a match, by Atlas's HTTP API with the player's own token: used by the page and by the bots alike.
 *
 *   const queueing = makeQueueing({ api: '', token });
 *   const ticket = await queueing.queue('arena', { name: 'Ann' });
 *   for await (const { status, placement } of queueing.watch(ticket.id, signal)) …
 */
import { AtlasError, type ErrorCode, errors } from '@horizon-atlas/protocol';

/** What of a ticket is used here. */
export interface Ticket {
  readonly id: string;
  readonly status:
    | 'QUEUED'
    | 'SEARCHING'
    | 'REQUIRES_ACCEPTANCE'
    | 'PLACING'
    | 'COMPLETED'
    | 'FAILED'
    | 'CANCELLED'
    | 'TIMED_OUT';
  readonly players: readonly string[];
  readonly estimatedWaitMs: number | null;
  readonly match: string;
  readonly code: string;
  readonly message: string;
  readonly placement: { readonly server: string; readonly seats: readonly Seat[] } | null;
}

export interface Seat {
  readonly player: string;
  readonly team: string;
  readonly address: string;
  readonly token: string;
}

export interface Rating {
  readonly rating: number;
  readonly uncertainty: number;
  readonly games: number;
  readonly wins: number;
}

export interface Queue {
  readonly tickets: number;
  readonly players: number;
  readonly estimatedWaitMs: number | null;
  readonly matches: { readonly placing: number; readonly active: number };
}

export interface Party {
  readonly id: string;
  readonly ticket: string;
}

export type Attributes = Readonly<Record<string, string | number>>;
export type Queueing = ReturnType<typeof makeQueueing>;

/** `api`: of Atlas, without a slash at the end; empty in a page that Atlas serves. Everything rejects with AtlasError. */
export function makeQueueing({ api, token }: { readonly api: string; readonly token: () => string | Promise<string> }) {
  const base = `${api}/api/v1/matchmaking`;
  const fetched = async (method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> => {
    const headers = {
      authorization: `Bearer ${await token()}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const answer = await fetch(`${base}${path}`, {
      method,
      headers,
      ...(signal ? { signal } : {}),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch(() => {
      throw new AtlasError('NOT_RUNNING');
    });
    if (answer.ok) return answer;
    const { code = '', detail } = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
    throw new AtlasError(code in errors ? (code as ErrorCode) : 'INTERNAL', detail);
  };
  const told = async <T>(...request: Parameters<typeof fetched>) => (await fetched(...request)).json() as Promise<T>;
  return {
    queue: (queue: string, attributes: Attributes) => told<Ticket>('POST', '/tickets', { queue, attributes }),
    /** The ticket as it changes, until it is over. */
    async *watch(ticket: string, signal?: AbortSignal): AsyncGenerator<Ticket, void, undefined> {
      const { body } = await fetched('GET', `/tickets/${ticket}/watch`, undefined, signal);
      if (body) yield* ticketsOf(body);
    },
    cancel: async (ticket: string) => void (await fetched('DELETE', `/tickets/${ticket}`)),
    look: (queue: string) => told<Queue>('GET', `/queues/${queue}`),
    rating: (pool: string, player: string) => told<Rating>('GET', `/ratings/${pool}/${encodeURIComponent(player)}`),
    whereIs: (player: string) =>
      told<{ readonly ticket: string; readonly match: string; readonly party: string }>(
        'GET',
        `/players/${encodeURIComponent(player)}`,
      ),
    /** Anybody who knows its id may come in. */
    openParty: () => told<Party>('POST', '/parties', { open: true }),
    joinParty: async (party: string) => void (await fetched('POST', `/parties/${party}/join`, {})),
    readyParty: async (party: string, attributes: Attributes) =>
      void (await fetched('POST', `/parties/${party}/ready`, { attributes })),
    leaveParty: async (party: string) => void (await fetched('POST', `/parties/${party}/leave`, {})),
    async queueParty(party: string, queue: string): Promise<Party> {
      return (await told<{ party: Party }>('POST', `/parties/${party}/queue`, { queue })).party;
    },
  };
}

/** Server-sent events with a ticket in each. */
async function* ticketsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Ticket, void, undefined> {
  const [reader, decoder] = [body.getReader(), new TextDecoder()];
  let text = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const data = event.split('\n').flatMap((line) => (line.startsWith('data:') ? [line.slice(5)] : []));
        if (/^event: ?ticket$/m.test(event)) yield JSON.parse(data.join('\n')) as Ticket;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
