/**
 * For a page that a development Atlas serves: who plays here, and where. Atlas is the login server then, and signs the token; elsewhere your own
 * does, and nothing of this is used.
 *
 *   const atlas = await connect({ ...(await pageAccess({ name: 'Ann' })), schema });
 *
 * A window stays the same player when its page is loaded anew; two windows are two players.
 */
import { AtlasError, type ErrorCode, errors } from '@horizon-atlas/protocol';

export interface PageAccess {
  /** For `connect`; empty where Atlas has no world. */
  readonly url: string;
  /** The player's token, asked for anew where it would not last. */
  readonly token: () => Promise<string>;
  readonly player: string;
  readonly name: string;
}

export interface PageWishes {
  /** What others see; Atlas makes one up if there is none. */
  readonly name?: string;
  /** Forgets who played in this window before. */
  readonly someoneElse?: boolean;
}

interface Ticket {
  readonly url: string;
  readonly token: string;
  readonly player: string;
  readonly name: string;
  readonly validS: number;
}

const KEPT = 'horizon-atlas-player';
/** A token that lasts no longer than this is not shown to anybody. */
const LEAST_MS = 10_000;
/** An Atlas that has just been started has no gateway yet: it is asked again this often, for so long. */
const AGAIN_MS = 500;
const READY_MS = 30_000;

/** @throws AtlasError PLAY_UNAVAILABLE where Atlas signs no tokens, NOT_READY, NOT_RUNNING, or what else the API says. */
export async function pageAccess({ name, someoneElse = false }: PageWishes = {}): Promise<PageAccess> {
  const known = someoneElse ? {} : remembered();
  let ticket = await onceReady(() => askForTicket({ ...known, ...(name === undefined ? {} : { name }) }));
  let endMs = performance.now() + ticket.validS * 1000;
  const { url, player } = ticket;
  remember({ player, name: ticket.name });
  return {
    url,
    player,
    name: ticket.name,
    async token() {
      if (performance.now() > endMs - LEAST_MS) {
        ticket = await askForTicket({ player, name: ticket.name });
        endMs = performance.now() + ticket.validS * 1000;
      }
      return ticket.token;
    },
  };
}

async function onceReady<T>(ask: () => Promise<T>): Promise<T> {
  const endMs = performance.now() + READY_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if ((error as AtlasError).code !== 'NOT_READY' || performance.now() > endMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

async function askForTicket(wishes: { readonly player?: string; readonly name?: string }): Promise<Ticket> {
  const ask = (csrf: string) =>
    told<Ticket>('/api/v1/play', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(csrf === '' ? {} : { 'x-csrf-token': csrf }) },
      body: JSON.stringify(wishes),
    });
  try {
    return await ask('');
  } catch (error) {
    if ((error as AtlasError).code !== 'CSRF_INVALID') throw error;
    // Somebody who is logged in at the dashboard of an Atlas that has a token.
    const { csrf } = await told<{ csrf: string }>('/api/v1/session', {});
    return ask(csrf);
  }
}

async function told<T>(path: string, request: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, request);
  } catch {
    throw new AtlasError('NOT_RUNNING');
  }
  const said = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
  if (answer.ok) return said as T;
  const code = said.code !== undefined && said.code in errors ? (said.code as ErrorCode) : 'INTERNAL';
  throw new AtlasError(code, said.detail);
}

/** Storage may be forbidden; then each load is a new player. */
function remembered(): { readonly player?: string; readonly name?: string } {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') as { player?: string; name?: string };
  } catch {
    return {};
  }
}

function remember(who: { readonly player: string; readonly name: string }): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(who));
  } catch {
    // As above.
  }
}
