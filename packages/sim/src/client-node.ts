/**
 * A player of a simulated world: the client SDK's engine with simulated sockets, walking about and sending numbered commands whose
 * echoes the checkers hold against what was sent.
 */
import { type Prng, Reader } from '@horizon-atlas/base';
import { ClientEngine, type ClientOut } from '@horizon-atlas/sdk-client';
import { game } from './game.ts';
import type { ClientLink, ToClient } from './gateway-node.ts';
import { Process } from './kernel.ts';
import type { World } from './world.ts';

export class ClientNode {
  readonly index: number;
  readonly player: string;
  readonly process: Process;
  readonly engine: ClientEngine;
  readonly #world: World;
  readonly #prng: Prng;
  #link: ClientLink | undefined;
  /** Grows with each dial, so that what a former socket says is not heard. */
  #dials = 0;
  sent = 0;
  dropped = 0;
  viewedMs = 0;
  /** No new commands: what is on its way comes to an end. */
  quiet = false;

  constructor(world: World, index: number) {
    this.#world = world;
    this.index = index;
    this.player = `player-${index}`;
    this.process = new Process(this.player, world.kernel);
    this.#prng = world.prng.fork();
    this.engine = new ClientEngine(
      {
        url: world.gateways[index % world.gateways.length]?.url ?? '',
        token: this.player,
        schema: game.hash,
        random: () => this.#prng.unit(),
      },
      this.#out(),
    );
  }

  start(): void {
    const { engine } = this;
    this.process.start({
      get dueMs() {
        return engine.dueMs;
      },
      tick: (nowMs) => engine.tick(nowMs),
    });
    this.process.input(() => engine.start(this.#world.kernel.nowMs));
    this.#live();
  }

  /** The player's network goes away for a moment. */
  cut(): void {
    this.#link?.cut();
  }

  #live(): void {
    const { kernel } = this.#world;
    kernel.after(this.#prng.between(200, 900), () => {
      if (this.quiet) return;
      this.process.input(() => this.#act());
      this.#live();
    });
  }

  #act(): void {
    if (this.engine.status === 'closed') return;
    const angle = this.#prng.between(0, 2 * Math.PI);
    const speed = this.#prng.pick([0, 60, 120]);
    const jump = this.#prng.chance(0.03) ? this.#prng.between(-290, 290) : 0;
    const n = this.sent + 1;
    const command = { n, vx: Math.cos(angle) * speed, vy: Math.sin(angle) * speed * 0.3, jump };
    const result = this.engine.send(game.client.id('probe/count'), this.#world.encode(game.client.codec('probe/count'), command));
    if (result.ok) this.sent = n;
  }

  #out(): ClientOut {
    const { note, kernel } = this.#world;
    return {
      connect: (url) => this.#dial(url),
      send: (frame) => this.#link?.sendFar(frame),
      close: () => this.#hangUp(),
      backlogBytes: () => 0,
      status: (status, code) => this.#world.trace(this.player, status, { code }),
      welcome: (welcome) => note.welcomed(this.index, welcome.session, welcome.resumed),
      message: (event, payload) => {
        if (game.server.name(event) !== 'probe/counted') return;
        const { n } = game.server.codec('probe/counted').read(new Reader(payload));
        note.echoed(this.index, n);
      },
      latest: () => {},
      view: () => {
        this.viewedMs = kernel.nowMs;
      },
      notice: () => {},
      replayed: () => {},
      dropped: (commands) => {
        this.dropped += commands;
      },
      entered: () => {},
      changed: () => {},
      left: () => {},
      crossed: () => note.crossed(),
    };
  }

  #hangUp(): void {
    this.#dials++;
    this.#link?.cut();
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
        const lost = () => this.process.input(() => heard(() => this.engine.closed(1006, kernel.nowMs)));
        // A black hole: neither an answer nor a refusal.
        if (network.stormy && this.#prng.chance(0.05)) return;
        if (!gateway?.process.alive) return lost();
        if (gateway.process.paused) return;
        this.#link = gateway.accept(this.index, {
          process: this.process,
          onMessage: (message: ToClient) =>
            heard(() => {
              if (message instanceof Uint8Array) return this.engine.fromGateway(message, kernel.nowMs);
              this.#hangUp();
              this.engine.closed(message.closeCode, kernel.nowMs);
            }),
          onClose: () => heard(() => this.engine.closed(1006, kernel.nowMs)),
        });
        this.process.input(() => this.engine.opened(kernel.nowMs));
      }),
    );
  }
}
