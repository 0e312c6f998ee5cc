/**
 * Forked by the consoles bench: open consoles, as far as Atlas can tell. Each reads the stream that a page of the console reads, with all of its topics,
 * and only counts what comes, so that the machine is left to what is measured.
 */
export interface WatchersOrder {
  /** So many in all. */
  readonly consoles: number;
}
export interface WatchersReport {
  /** Those whose stream is open. */
  readonly open: number;
  /** Scenes since the last order, of the console that got the fewest. */
  readonly scenesLeast: number;
}

const topics = 'status,regions,servers,gateways,players,handoffs,events,scene';
const api = process.argv[2] ?? '';
const scene = Buffer.from('event: scene');

class Watcher {
  readonly #end = new AbortController();
  scenes = 0;
  open = false;

  async start(): Promise<void> {
    const { body, status } = await fetch(`${api}/api/v1/watch?topics=${topics}`, {
      headers: { accept: 'text/event-stream' },
      signal: this.#end.signal,
    });
    if (status !== 200 || !body) throw new Error(`the stream of a console: HTTP ${status}`);
    this.open = true;
    this.#read(body).catch(() => {
      this.open = false;
    });
  }

  stop(): void {
    this.#end.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of body) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      for (let at = bytes.indexOf(scene); at >= 0; at = bytes.indexOf(scene, at + scene.length)) this.scenes++;
    }
  }
}

const watchers: Watcher[] = [];

process.channel?.ref();
process.on('message', (order: WatchersOrder) => void reach(order.consoles));

async function reach(consoles: number): Promise<void> {
  const scenesLeast = watchers.length === 0 ? 0 : Math.min(...watchers.map(({ scenes }) => scenes));
  const open = watchers.filter((each) => each.open).length;
  for (const watcher of watchers.splice(consoles)) watcher.stop();
  for (const watcher of watchers) watcher.scenes = 0;
  while (watchers.length < consoles) {
    const watcher = new Watcher();
    watchers.push(watcher);
    await watcher.start();
  }
  process.send?.({ open, scenesLeast } satisfies WatchersReport);
}
