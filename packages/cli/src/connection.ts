/** From a command's options to the API of the Atlas that is meant. */
import { type Admin, AdminError, connectAdmin, each, type Page, type PageQuery } from '@horizon-atlas/sdk-admin';
import { apiOf } from './installation.ts';
import type { Options } from './options.ts';

export const limits = {
  /** An API that has not answered in this time does not. */
  answerMs: 15_000,
  /** Items that a list shows unless told otherwise: more is for --limit, or for programs. */
  items: 10_000,
} as const;

export interface Connection {
  readonly url: string;
  readonly admin: Admin;
}

/** Rejects with NOT_RUNNING where no Atlas can be found; whether it answers, the first question shows. */
export async function connectionOf(options: Options): Promise<Connection> {
  const url = apiUrl(await apiOf(options));
  const { token } = options;
  return { url, admin: connectAdmin({ url, timeoutMs: limits.answerMs, ...(token === undefined ? {} : { token }) }) };
}

/** The pages of a list as one, up to `limit` items. */
export async function listed<T, Q extends PageQuery>(
  list: (query?: Q) => Promise<Page<T>>,
  query: Q,
  limit: number = limits.items,
): Promise<{ readonly items: readonly T[]; readonly total: number }> {
  let total = 0;
  const counting = async (asked?: Q): Promise<Page<T>> => {
    const page = await list(asked);
    total = page.total;
    return page;
  };
  const items: T[] = [];
  for await (const item of each(counting, { ...query, limit: Math.min(500, Math.max(1, limit)) })) {
    if (items.length >= limit) break;
    items.push(item);
  }
  return { items, total };
}

function apiUrl(text: string): string {
  const url = URL.parse(/^https?:\/\//i.test(text) ? text : `http://${text}`);
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href.replace(/\/+$/, '');
  throw new AdminError('REQUEST_INVALID', `${text} is no address of an API; one looks like http://127.0.0.1:7700`);
}
