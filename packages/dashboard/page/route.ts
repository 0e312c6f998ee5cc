/** Which page is shown: the part of the address after `#`, so that every view can be linked to and the back button works. */
import { signal } from '@preact/signals';

export const pageNames = [
  'map',
  'servers',
  'gateways',
  'players',
  'fleets',
  'gameservers',
  'queues',
  'tickets',
  'matches',
  'games',
  'edges',
  'events',
  'history',
  'audit',
  'keys',
  'more',
] as const;
export type PageName = (typeof pageNames)[number];

export interface Route {
  /** `home`: whatever an Atlas like this one shows first. */
  readonly page: PageName | 'home' | 'nowhere';
  /** Of one server, gateway, player, queue and so on; empty on lists. */
  readonly id: string;
  readonly query: URLSearchParams;
}

/** `#/servers/alpha-1?tab=logs`. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [page = '', ...rest] = path.split('/');
  const name = page === '' ? 'home' : pageNames.find((each) => each === page);
  return { page: name ?? 'nowhere', id: decoded(rest.join('/')), query: new URLSearchParams(query) };
}

export function href(page: PageName, id = '', query: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  const text = given.length > 0 ? `?${new URLSearchParams(given)}` : '';
  return `#/${page}${id === '' ? '' : `/${encodeURIComponent(id)}`}${text}`;
}

export const route = signal<Route>(parseRoute(''));

export function followAddress(): void {
  const read = (): void => {
    route.value = parseRoute(location.hash);
  };
  addEventListener('hashchange', read);
  read();
}

export function go(page: PageName, id = '', query: Readonly<Record<string, string>> = {}): void {
  location.hash = href(page, id, query);
}

/** Changes the query of the page without a step for the back button: filters as they are typed. */
export function requery(query: Readonly<Record<string, string>>): void {
  const { page, id } = route.value;
  if (page === 'nowhere' || page === 'home') return;
  history.replaceState(null, '', href(page, id, query));
  route.value = parseRoute(location.hash);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
