/** Ctrl-C for commands that go on until they are told to stop: their work is done then, and they say so by exit code 0. */

/** Aborted by the first SIGINT or SIGTERM; a second one ends the process as it would have ended without us. */
export function untilInterrupted(): AbortSignal {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());
  return abort.signal;
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
