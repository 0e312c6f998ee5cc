/** The people of a simulated world: each logs in, plays, and, as the world's habits go, leaves, comes back, or logs in twice. */
import { ClientNode } from './client-node.ts';
import type { World } from './world.ts';

export class Player {
  readonly name: string;
  readonly #world: World;
  /** One for each start of the game, oldest first; only the last one plays. */
  readonly clients: ClientNode[] = [];
  #logins = 0;

  constructor(world: World, index: number) {
    this.#world = world;
    this.name = `player-${index}`;
  }

  get current(): ClientNode | undefined {
    return this.clients.at(-1);
  }

  /** Numbers a login; what is promised to the player up to now must still be there when it first says something. */
  nextLogin(): number {
    this.#logins++;
    this.#world.note.loggedIn(this.name, this.#logins, this.covered);
    return this.#logins;
  }

  /** Commands that the player was told can no longer be lost. */
  get covered(): number {
    return this.clients.reduce((sum, each) => sum + each.covered, 0);
  }

  get sent(): number {
    return this.clients.reduce((sum, each) => sum + each.sentInAll, 0);
  }

  start(): void {
    const client = new ClientNode(this.#world, this);
    this.clients.push(client);
    client.start();
  }

  /** Says good-bye, and comes back after a while. */
  leave(awayMs: number): void {
    const { current } = this;
    if (!current || current.over) return;
    current.leave();
    this.#world.note.seen.left++;
    this.#world.kernel.after(awayMs, () => {
      if (this.current === current) this.start();
    });
  }

  /** Starts the game a second time, without ending the first. */
  loginAgain(): void {
    const { current } = this;
    if (current?.engine.status !== 'online') return;
    current.quiet = true;
    this.#world.note.seen.takenOver++;
    this.start();
    // It is told that it was replaced; but not if it was offline then and the control plane died since: its player switches it off.
    this.#world.kernel.after(2_000, () => current.leave());
  }
}
