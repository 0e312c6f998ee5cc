/**
 * A player's game in a simulated world, from its start to its end: the client SDK's engine with simulated sockets, sending numbered commands
 * whose echoes the checkers hold against what was sent.
 */
import { type Prng, Reader } from '@horizon-atlas/base';
import { events, kind } from '@horizon-atlas/protocol';
import { ClientEngine, type ClientOut } from '@horizon-atlas/sdk-client';
import { errand, game } from './game.ts';
import type { ClientLink, ToClient } from './gateway-node.ts';
import { Process } from './kernel.ts';
import type { Player } from './players.ts';
import type { World } from './world.ts';

/** Where a view's epoch stands in a frame: kind, key, event, tick. */
const viewEpochAt = 1 + 4 + 2 + 4;

export class ClientNode {
  /** Its number among all clients of the world. */
  readonly index: number;
  readonly player: Player;
  readonly process: Process;
  readonly engine: ClientEngine;
  readonly #world: World;
  readonly #prng: Prng;
  #link: ClientLink | undefined;
  #offUntilMs = 0;
  #slow: { readonly untilMs: number; readonly bytesPerS: number } | undefined;
  /** Grows with each dial, so that what a former socket says is not heard. */
  #dials = 0;
  #session = '';
  /** A login is one session of one client: a session that was lost for good is followed by another login. */
  login: number;
  /** Commands of the present login, and of the former ones of this client. */
  sent = 0;
  #sentBefore = 0;
  #coveredBefore = 0;
  #coveredAtLoss = 0;
  viewedMs = 0;
  /** No new commands: what is on its way comes to an end. */
  quiet = false;
  /** The player has ended it. */
  left = false;

  constructor(world: World, player: Player) {
    this.#world = world;
    this.player = player;
    this.index = world.clients.length;
    world.clients.push(this);
    this.process = new Process(player.name, world.kernel);
    this.#prng = world.prng.fork();
    this.login = player.nextLogin();
    this.engine = new ClientEngine(
      {
        url: this.#prng.pick(world.gateways).url,
        token: player.name,
        schema: game.hash,
        random: () => this.#prng.unit(),
      },
      this.#out(),
    );
  }

  /** It will never be online again. */
  get over(): boolean {
    return this.engine.status === 'closed';
  }

  /** Its player plays with it: has neither said good-bye nor logged in anew. */
  get current(): boolean {
    return !this.left && this.player.current === this;
  }

  get sentInAll(): number {
    return this.#sentBefore + this.sent;
  }

  /** Commands of all its logins that it was told are safe. */
  get covered(): number {
    return this.#coveredBefore + this.sent - this.engine.uncovered;
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

  /** The player's network goes away, for a moment or for longer. */
  cut(ms = 0): void {
    this.#offUntilMs = this.#world.kernel.nowMs + ms;
    this.#link?.cut();
  }

  /** The player's network takes only so much, for a while. */
  slow(ms: number, bytesPerS: number): void {
    this.#slow = { untilMs: this.#world.kernel.nowMs + ms, bytesPerS };
  }

  wasSlow(withinMs: number): boolean {
    return this.#slow !== undefined && this.#world.kernel.nowMs < this.#slow.untilMs + withinMs;
  }

  /** What its network takes now; Infinity: whatever comes. */
  get bytesPerS(): number {
    return this.#slow && this.#world.kernel.nowMs < this.#slow.untilMs ? this.#slow.bytesPerS : Number.POSITIVE_INFINITY;
  }

  leave(): void {
    this.left = true;
    this.process.input(() => this.engine.stop(this.#world.kernel.nowMs));
  }

  #live(): void {
    const { kernel, habits } = this.#world;
    kernel.after(this.#prng.between(habits.paceMsMin, habits.paceMsMax), () => {
      if (this.quiet || this.over) return;
      this.process.input(() => this.#act());
      this.#live();
    });
  }

  #act(): void {
    const prng = this.#prng;
    const { habits } = this.#world;
    const angle = prng.between(0, 2 * Math.PI);
    const speed = prng.pick([0, 60, 120]);
    const command = {
      login: this.login,
      i: this.sent + 1,
      vx: Math.cos(angle) * speed,
      vy: Math.sin(angle) * speed * 0.3,
      jump: prng.chance(habits.jump) ? prng.between(-290, 290) : 0,
      lockMs: prng.chance(habits.lock) ? prng.pick([200, 1_000, 5_000]) : 0,
      errand: prng.chance(habits.pet) ? errand.pet : prng.chance(habits.poke) ? errand.poke : errand.none,
    };
    const result = this.engine.send(game.client.id('probe/count'), this.#world.encode(game.client.codec('probe/count'), command));
    if (result.ok) this.sent++;
  }

  #out(): ClientOut {
    const { note, kernel } = this.#world;
    return {
      connect: (url) => this.#dial(url),
      send: (frame) => this.#link?.sendFar(frame),
      close: () => this.#hangUp(),
      backlogBytes: () => 0,
      status: (status, code) => {
        this.#world.trace(this.player.name, status, { client: this.index, code });
        if (status === 'reconnecting') this.#coveredAtLoss = this.covered;
      },
      welcome: (welcome) => {
        this.#world.trace(this.player.name, 'welcome', { ...welcome, gateways: undefined });
        note.welcomed(this.index, welcome.session, welcome.resumed);
        if (this.#session !== '' && this.#session !== welcome.session) this.#beginAnew();
        this.#session = welcome.session;
      },
      message: (event, payload) => {
        if (game.server.name(event) !== 'probe/counted') return;
        const { login, i } = game.server.codec('probe/counted').read(new Reader(payload));
        note.echoed(this.index, login, i);
      },
      latest: () => {},
      view: ({ entities }) => {
        this.viewedMs = kernel.nowMs;
        note.sighted(this.index, entities);
      },
      notice: () => {},
      replayed: () => {},
      dropped: () => {},
      entered: () => {},
      changed: () => {},
      left: () => {},
      crossed: () => note.crossed(),
    };
  }

  /** Its session is over. What was not covered by when the connection was lost may or may not have taken effect. */
  #beginAnew(): void {
    this.#sentBefore += this.sent;
    this.#coveredBefore = this.#coveredAtLoss;
    this.sent = 0;
    this.#world.note.seen.begunAnew++;
    this.login = this.player.nextLogin();
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
        const lost = () => this.process.input(() => heard(() => this.engine.closed(1006, kernel.nowMs)));
        // A black hole: neither an answer nor a refusal.
        if (network.stormy && this.#prng.chance(0.05)) return;
        if (!gateway?.process.alive || kernel.nowMs < this.#offUntilMs) return lost();
        if (gateway.process.paused) return;
        this.#link = gateway.accept(this.index, {
          process: this.process,
          onMessage: (message: ToClient) =>
            heard(() => {
              if (message instanceof Uint8Array) {
                // As it came: the engine has a fence of its own, which must not hide that the gateway's is missing.
                if (isView(message)) this.#world.note.viewed(this.index, new Reader(message, viewEpochAt).u53());
                return this.engine.fromGateway(message, kernel.nowMs);
              }
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

function isView(message: Uint8Array): boolean {
  return message[0] === kind.latestDown && message[5] === (events.view & 0xff) && message[6] === events.view >> 8;
}
