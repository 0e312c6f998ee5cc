/**
 * When a page that slept is awake again: shown, thawed, taken back out of the history, or with a network once more. What a clock or a socket said
 * before then is stale. Hosts without pages, such as Node, never call.
 */

interface Listenable {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

interface PageHost extends Partial<Listenable> {
  readonly document?: Listenable & { readonly visibilityState: string };
}

/** @returns a function that stops listening. */
export function onWake(wake: () => void, host: PageHost = globalThis as PageHost): () => void {
  const { document: page } = host;
  if (page === undefined || host.addEventListener === undefined) return () => {};
  const window = host as Listenable;
  const shown = () => {
    if (page.visibilityState === 'visible') wake();
  };
  const heard: readonly [Listenable, string, () => void][] = [
    [page, 'visibilitychange', shown],
    [page, 'resume', wake],
    [window, 'pageshow', wake],
    [window, 'online', wake],
  ];
  for (const [target, type, listener] of heard) target.addEventListener(type, listener);
  return () => {
    for (const [target, type, listener] of heard) target.removeEventListener(type, listener);
  };
}
