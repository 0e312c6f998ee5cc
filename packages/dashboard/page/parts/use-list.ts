/** A list that is asked for and not watched: all its pages, or why not. */
import type { AdminError, Page } from '@horizon-atlas/sdk-admin';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export type Asked<T> =
  | { readonly state: 'waiting' }
  | { readonly state: 'here'; readonly value: T }
  | { readonly state: 'refused'; readonly error: AdminError };

/**
 * Asks at once, again on `again()`, and each `everyMs` while the page is seen. What is shown stays until the next answer. What is not found is not
 * asked for by itself again: ids never come back.
 */
export function useAsked<T>(ask: () => Promise<T>, everyMs = 0, about = ''): readonly [Asked<T>, again: () => void] {
  const [asked, setAsked] = useState<Asked<T>>({ state: 'waiting' });
  const latest = useRef(about);
  latest.current = about;
  const isGone = useRef(false);
  // A page asks the same thing as long as it asks about the same
  const again = useCallback(() => {
    ask().then(
      (value) => latest.current === about && setAsked({ state: 'here', value }),
      (error: AdminError) => {
        if (latest.current !== about) return;
        isGone.current = error.status === 404;
        setAsked((before) => (before.state === 'here' ? before : { state: 'refused', error }));
      },
    );
  }, [about]);
  useEffect(() => {
    isGone.current = false;
    again();
    if (everyMs === 0) return;
    const timer = setInterval(() => !document.hidden && !isGone.current && again(), everyMs);
    return () => clearInterval(timer);
  }, [again, everyMs]);
  return [asked, again];
}

/** Up to `most` items of a list, page by page. */
export async function allOf<T>(list: (query: { limit: number; cursor?: string }) => Promise<Page<T>>, most = 2000): Promise<T[]> {
  const out: T[] = [];
  let cursor: string | null = '';
  while (cursor !== null && out.length < most) {
    const page: Page<T> = await list(cursor === '' ? { limit: 500 } : { limit: 500, cursor });
    out.push(...page.items);
    cursor = page.next;
  }
  return out;
}
