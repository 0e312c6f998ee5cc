/**
 * I2 for one player over everything that can happen to a server: each accepted command takes effect once, in order, through
 * handoffs that succeed, fail and are given back, deaths, resumes, and links that lose and double. The test is a small gateway and a
 * small control plane that keep to ARCHITECTURE.md; what the engines make of it is what counts.
 */
import { must } from '@horizon-atlas/base';
import type { Group } from '@horizon-atlas/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupOf, type Node, PLACES, Story, type TestGateway } from './story.ts';

const GROUP = 1000;

class Run {
  readonly story = new Story();
  epoch = 10;
  /** What the store has: the authority record, and each region's checkpoint. */
  record: { region: string; epoch: number; state: Uint8Array; stateEpoch: number; version: number };
  readonly regions = new Map<string, { node: Node; epoch: number; saved: Group[]; tick: number }>();
  #nodes = 0;

  // The gateway and the client.
  #gateway: TestGateway | undefined;
  #handle = 0;
  #seen = 0;
  sent = 0;
  covered = 0;
  applied = 0;
  received = 0;
  generation = 0;
  attachedTo = 0;

  constructor() {
    for (const { region } of PLACES) this.#start(region, this.#draw());
    const epoch = this.#draw();
    this.record = { region: 'a', epoch, state: new Uint8Array(0), stateEpoch: epoch, version: 0 };
    this.owner.admit('a', GROUP, epoch, 'ann', -5);
    this.#attach('join');
    this.story.run(100);
    this.#listen();
  }

  get owner(): Node {
    return must(this.regions.get(this.record.region), 'its region has a server').node;
  }

  get other(): string {
    return this.record.region === 'a' ? 'b' : 'a';
  }

  get effective(): number {
    return Math.max(this.record.epoch, must(this.regions.get(this.record.region), 'a region').epoch);
  }

  send(): void {
    this.sent++;
    if (this.#handle > 0 && this.attachedTo === this.#handle) this.#gateway?.add(this.#handle, this.sent);
  }

  pass(ms: number): void {
    this.story.run(ms);
    this.#listen();
  }

  /** Makes what the owner said last durable. */
  cover(): void {
    for (const [region, at] of this.regions) {
      const checkpoint = at.node.all('checkpoint').at(-1);
      if (!checkpoint || checkpoint.epoch !== at.epoch) continue;
      at.saved = checkpoint.groups;
      at.tick = checkpoint.tick;
      at.node.tell({ kind: 'covered', region, epoch: at.epoch, tick: checkpoint.tick });
    }
    this.#listen();
  }

  /** @param until how far it comes: then it is given back, or goes through. */
  handoff(until: 'frozen' | 'activated' | 'done', loseFinal: boolean, twice: boolean): void {
    const source = this.owner;
    const from = this.record.region;
    const to = this.other;
    const target = must(this.regions.get(to), 'a target').node;
    const epoch = this.effective;
    this.story.onMesh = (message) => (message.kind === 'final' && loseFinal ? 0 : twice ? 2 : 1);
    source.tell({ kind: 'prepare', group: GROUP, epoch, region: from, target: to, server: target.id, address: '' });
    this.pass(100);
    // It comes, and is not applied before the freeze.
    this.send();
    source.tell({ kind: 'freeze', group: GROUP, epoch, target: to });
    const frozen = source.all('frozen').at(-1);
    if (!frozen || frozen.epoch !== epoch) return;
    // The gateway goes on sending to where it thinks the player is.
    this.send();
    if (until === 'frozen') return this.#giveBack(source, epoch);
    const newEpoch = this.#draw();
    this.record = { region: to, epoch: newEpoch, state: frozen.state, stateEpoch: newEpoch, version: frozen.version };
    const told = groupOf(GROUP, newEpoch, 'ann');
    target.tell({ kind: 'activate', region: to, version: frozen.version, group: told });
    if (target.all('activated').at(-1)?.epoch !== newEpoch) {
      this.pass(50);
      target.tell({ kind: 'activate', region: to, version: frozen.version, group: { ...told, state: frozen.state } });
    }
    this.#attach('switch');
    if (until === 'activated') {
      // The target plays, but nobody hears of it: back to the source's frozen copy. What was applied meanwhile is not covered.
      this.send();
      this.pass(50);
      this.record = { region: from, epoch: newEpoch, state: frozen.state, stateEpoch: newEpoch, version: frozen.version };
      this.#giveBack(source, epoch);
      target.tell({
        kind: 'release',
        group: GROUP,
        epoch: newEpoch,
        newEpoch: this.record.epoch,
        target: from,
        server: source.id,
        address: '',
      });
      this.pass(50);
      return;
    }
    source.tell({ kind: 'release', group: GROUP, epoch, newEpoch, target: to, server: target.id, address: '' });
    this.pass(50);
  }

  /** The server of the player's region dies; another one takes the region from what is durable. */
  die(): void {
    const { region } = this.record;
    const at = must(this.regions.get(region), 'a region');
    this.story.nodes.delete(at.node.id);
    at.epoch = this.#draw();
    const saved = at.saved.find((each) => each.group === GROUP);
    const state = saved && saved.epoch >= this.record.stateEpoch ? saved.state : this.record.state;
    this.#start(region, at.epoch, [groupOf(GROUP, this.record.epoch, 'ann', state)]);
    this.#attach('switch');
    this.pass(50);
  }

  /** @param heard whether the client gets the welcome. */
  resume(heard: boolean): void {
    this.#gateway?.down();
    this.pass(30);
    const known = this.generation;
    this.#attach('resume');
    if (!heard) {
      this.#gateway?.down();
      this.generation = known;
      this.#attach('resume');
    }
    this.pass(30);
    this.#gateway?.ack(this.#handle, this.received);
  }

  ack(): void {
    this.#gateway?.ack(this.#handle, this.received);
  }

  finish(): void {
    this.pass(200);
    this.cover();
    this.pass(1200);
    this.cover();
    this.pass(200);
  }

  #giveBack(source: Node, epoch: number): void {
    const newEpoch = this.#draw();
    this.record = { ...this.record, epoch: newEpoch };
    source.tell({ kind: 'thaw', group: GROUP, epoch, newEpoch });
    this.#attach('switch');
    this.pass(30);
  }

  #draw(): number {
    return ++this.epoch;
  }

  #start(region: string, epoch: number, groups: Group[] = []): void {
    const node = this.story.node(`s${++this.#nodes}`);
    const tick = this.regions.get(region)?.tick ?? 0;
    const saved = this.regions.get(region)?.saved ?? [];
    this.regions.set(region, { node, epoch, saved, tick });
    node.assign(region, epoch, groups, tick);
    const places = PLACES.map((each) => {
      const at = this.regions.get(each.region);
      return { ...each, server: at?.node.id ?? '', epoch: at?.epoch ?? 0, active: at !== undefined };
    });
    for (const { node: each } of this.regions.values()) each.tell({ kind: 'map', version: 100 + this.epoch, regions: places });
  }

  #attach(reason: 'join' | 'resume' | 'switch'): void {
    this.#listen();
    const owner = this.owner;
    if (this.#gateway?.node !== owner || !owner.gateways.has(this.#gateway.link)) {
      this.#gateway = this.story.gateway(owner);
      this.#seen = 0;
    }
    this.#handle++;
    const { generation, received } = this;
    this.#gateway.attach(this.#handle, 'ann', GROUP, this.effective, { reason, generation, received });
    this.#listen();
  }

  /** What a gateway does with what comes, and what a client would then have. */
  #listen(): void {
    const gateway = this.#gateway;
    if (!gateway) return;
    for (; this.#seen < gateway.frames.length; this.#seen++) {
      const frame = must(gateway.frames[this.#seen], 'a frame');
      if (frame.kind === 'control' && frame.message.kind === 'attached' && frame.message.handle === this.#handle) {
        const { applied, covered, generation } = frame.message;
        expect(applied, 'no command that was covered is asked for again').toBeGreaterThanOrEqual(this.covered);
        this.attachedTo = this.#handle;
        this.generation = Math.max(this.generation, generation);
        this.covered = Math.max(this.covered, covered);
        for (let seq = applied + 1; seq <= this.sent; seq++) gateway.add(this.#handle, seq);
      } else if (frame.kind === 'control' && frame.message.kind === 'attachRefused' && frame.message.handle === this.#handle) {
        expect(frame.message.code).toBe('NOT_OWNER');
        this.attachedTo = 0;
      } else if (frame.kind === 'message' && frame.handle === this.#handle) {
        expect(frame.seq, 'messages have no gap').toBeLessThanOrEqual(this.received + 1);
        if (frame.seq === this.received + 1) this.received++;
      } else if (frame.kind === 'acks') {
        for (const { handle, applied, covered } of frame.entries) {
          if (handle !== this.#handle) continue;
          this.applied = applied;
          // After a thaw the source tells only what it knows for certain itself, which may be less than the target told.
          this.covered = Math.max(this.covered, covered);
        }
      }
    }
  }
}

const op = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ op: 'send' } as const) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 1500 }) }) },
  { weight: 2, arbitrary: fc.constant({ op: 'cover' } as const) },
  { weight: 2, arbitrary: fc.constant({ op: 'ack' } as const) },
  { weight: 1, arbitrary: fc.constant({ op: 'die' } as const) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('resume' as const), heard: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('handoff' as const),
      until: fc.constantFrom('frozen' as const, 'activated' as const, 'done' as const, 'done' as const),
      loseFinal: fc.boolean(),
      twice: fc.boolean(),
    }),
  },
);

describe('every accepted command', () => {
  it('takes effect exactly once and in order, at exactly one server', () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 40 }), (ops) => {
        const run = new Run();
        for (const each of ops) {
          if (each.op === 'send') run.send();
          else if (each.op === 'pass') run.pass(each.ms);
          else if (each.op === 'cover') run.cover();
          else if (each.op === 'ack') run.ack();
          else if (each.op === 'die') run.die();
          else if (each.op === 'resume') run.resume(each.heard);
          else run.handoff(each.until, each.loseFinal, each.twice);
        }
        run.finish();
        const all = Array.from({ length: run.sent }, (_, i) => i + 1);
        expect(run.owner.mind(GROUP).log).toEqual(all);
        expect(run.covered).toBe(run.sent);
        // And the client has every message that there is.
        expect(run.received).toBe(must(run.owner.engine.sessions.get('ann-session'), 'the session').outNext - 1);
        const holders = [...run.story.nodes.values()].filter((node) => node.has(GROUP) === 'owned');
        expect(holders.map((node) => node.id)).toEqual([run.owner.id]);
        for (const node of run.story.nodes.values()) {
          expect(node.happened.filter(({ name }) => name === 'game-error' || name === 'state-invalid')).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });
});
