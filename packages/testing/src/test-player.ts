/**
 * A player of a test: the client SDK's engine on simulated sockets. What a real client would have been told is kept, in order, for the
 * test to look at.
 */
import { Prng, Reader, Writer } from '@horizon-atlas/base';
import type { DataOf, ErrorCode, EventFields, Fields, FieldsOf, GameSchema } from '@horizon-atlas/protocol';
import { ClientEngine, type ClientOut, type ClientStatus, type Crossing, type Entity } from '@horizon-atlas/sdk-client';
import { type ClientLink, Process, type ToClient, type World } from '@horizon-atlas/sim';

/** No client of the simulator's own. */
const STRANGER = -1;

export class TestPlayer<C extends EventFields, S extends EventFields, F extends Fields> {
  /** The player's id, and its name. */
  readonly name: string;
  /** Borders it has crossed, oldest first. */
  readonly crossings: Crossing[] = [];
  /** Sockets that ended without its wish. */
  lostSockets = 0;
  /** Why the connection was refused, or ended. */
  code: ErrorCode | undefined;
  readonly #world: World;
  readonly #schema: GameSchema<C, S, F>;
  readonly #engine: ClientEngine<FieldsOf<F>>;
  readonly #process: Process;
  readonly #heard: { readonly event: string; readonly data: unknown }[] = [];
  readonly #writer = new Writer(1024);
  #link: ClientLink | undefined;
  #dials = 0;
  #offUntilMs = 0;

  /** For `TestWorld.join`, which is the way in. */
  constructor(world: World, schema: GameSchema<C, S, F>, name: string) {
    this.name = name;
    this.#world = world;
    this.#schema = schema;
    this.#process = new Process(name, world.kernel);
    const chance = new Prng(world.prng.u32());
    this.#engine = new ClientEngine<FieldsOf<F>>(
      {
        url: world.gateways[0]?.url ?? '',
        token: name,
        schema: schema.hash,
        random: () => chance.unit(),
        decodeState: (state) => decode(schema.entity, state),
      },
      this.#out(),
    );
    const engine = this.#engine;
    this.#process.start({
      get dueMs() {
        return engine.dueMs;
      },
      tick: (nowMs) => engine.tick(nowMs),
    });
    this.#process.input(() => engine.start(world.kernel.nowMs));
  }

  get status(): ClientStatus {
    return this.#engine.status;
  }

  /** The id of its entity. */
  get entity(): number {
    return this.#engine.session?.entity ?? 0;
  }

  /** The region that it is played on, as it was told. */
  get region(): string {
    return this.#engine.region;
  }

  /** Itself as it sees itself: its place, and its public state. undefined before the first view. */
  get seen(): Entity<FieldsOf<F>> | undefined {
    return this.#engine.entities.get(this.entity);
  }

  /** Everything in sight, itself included, by id. */
  get entities(): ReadonlyMap<number, Entity<FieldsOf<F>>> {
    return this.#engine.entities;
  }

  sees(other: { readonly entity: number }): boolean {
    return this.#engine.entities.has(other.entity);
  }

  /** Commands that could still be lost with a server, and would then be sent again. */
  get uncovered(): number {
    return this.#engine.uncovered;
  }

  /** Takes effect once, in order, when the world runs on. Throws with the code if it is not taken. */
  send<N extends keyof C & string>(event: N, data: DataOf<C, N>): void {
    this.#process.input(() => {
      const result = this.#engine.send(this.#schema.client.id(event), this.#encode(event, data));
      if (!result.ok) throw new Error(`${this.name} cannot send ${event}: ${result.code}`);
    });
  }

  /** As `send`, but only the newest of its kind counts. */
  sendLatest<N extends keyof C & string>(event: N, data: DataOf<C, N>): void {
    this.#process.input(() => void this.#engine.sendLatest(this.#schema.client.id(event), this.#encode(event, data)));
  }

  /** What it was told by events of that name, oldest first. */
  heard<N extends keyof S & string>(event: N): DataOf<S, N>[] {
    return this.#heard.filter((each) => each.event === event).map(({ data }) => data as DataOf<S, N>);
  }

  /** Forgets what it has heard. */
  forget(): void {
    this.#heard.length = 0;
  }

  /** Its network goes away, for so long at least; it comes back by itself. */
  cut(seconds = 0): void {
    this.#offUntilMs = this.#world.kernel.nowMs + seconds * 1_000;
    this.#link?.cut();
  }

  /** It says good-bye. */
  leave(): void {
    this.#process.input(() => this.#engine.stop(this.#world.kernel.nowMs));
  }

  #encode<N extends keyof C & string>(event: N, data: DataOf<C, N>): Uint8Array {
    this.#writer.reset();
    this.#schema.client.codec(event).write(this.#writer, data);
    return this.#writer.copy();
  }

  #message(event: number, payload: Uint8Array): void {
    const name = this.#schema.server.name(event);
    if (name === undefined) return;
    const data = decode(this.#schema.server.codec(name), payload);
    if (data === undefined) throw new Error(`${this.name} was sent a malformed ${name}`);
    this.#heard.push({ event: name, data });
  }

  #out(): ClientOut<FieldsOf<F>> {
    return {
      connect: (url) => this.#dial(url),
      send: (frame) => this.#link?.sendFar(frame),
      close: () => this.#hangUp(),
      backlogBytes: () => 0,
      status: (status, code) => {
        if (code !== undefined) this.code = code;
        if (status === 'reconnecting') this.lostSockets++;
      },
      message: (event, payload) => this.#message(event, payload),
      latest: (event, payload) => this.#message(event, payload),
      crossed: (crossing) => void this.crossings.push(crossing),
      welcome: () => {},
      view: () => {},
      notice: () => {},
      replayed: () => {},
      dropped: () => {},
      entered: () => {},
      changed: () => {},
      left: () => {},
    };
  }

  #hangUp(): void {
    this.#dials++;
    this.#link?.close();
    this.#link = undefined;
  }

  #dial(url: string): void {
    const { kernel, network, gateways } = this.#world;
    this.#hangUp();
    const dial = this.#dials;
    const heard = (fn: () => void) => {
      if (dial === this.#dials) fn();
    };
    kernel.after(network.delayMs(), () =>
      heard(() => {
        const gateway = gateways.find((each) => each.url === url);
        const lost = () => this.#process.input(() => heard(() => this.#engine.closed(1006, kernel.nowMs)));
        if (!gateway?.process.alive || kernel.nowMs < this.#offUntilMs) return lost();
        this.#link = gateway.accept(STRANGER, {
          process: this.#process,
          onMessage: (message: ToClient) =>
            heard(() => {
              if (message instanceof Uint8Array) return this.#engine.fromGateway(message, kernel.nowMs);
              this.#hangUp();
              this.#engine.closed(message.closeCode, kernel.nowMs);
            }),
          onClose: () => heard(() => this.#engine.closed(1006, kernel.nowMs)),
        });
        this.#process.input(() => this.#engine.opened(kernel.nowMs));
      }),
    );
  }
}

function decode<T>(codec: { read(r: Reader): T }, payload: Uint8Array): T | undefined {
  const r = new Reader(payload);
  const value = codec.read(r);
  return r.bad || r.left > 0 ? undefined : value;
}
