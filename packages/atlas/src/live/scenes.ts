/**
 * The map's source: asks all game servers at once where everybody is, puts the answers together a moment later, records a full scene each
 * second, and hands what has changed to those who watch. Nobody watching, servers are asked once a second.
 *
 *   survey ──▶ every server       positions ──▶ board ── after collectMs ──▶ scene ──▶ watchers, recording
 */
import type { SceneSource } from '@horizon-atlas/control';
import type { Cancel, Clock } from '@horizon-atlas/ports';
import { decodeMovers } from '@horizon-atlas/protocol';
import { SceneBoard } from './scene-board.ts';
import { SceneRecording } from './scene-recording.ts';

export const scenePolicy = {
  /** Between two surveys while somebody watches. */
  watchedMs: 200,
  /** And while nobody does: for the recording. */
  restMs: 1_000,
  /** Servers answer within this, on one machine; who is later is in the next scene. */
  collectMs: 40,
  /** Between two full scenes to those who watch, so that a lost change heals. */
  fullMs: 5_000,
} as const;

export interface ScenesDeps {
  readonly clock: Clock;
  /** In the order of the world's list. */
  readonly regions: readonly string[];
  /** Asks all servers that are linked. */
  survey(number: number): void;
}

export class Scenes implements SceneSource {
  readonly #deps: ScenesDeps;
  readonly #board: SceneBoard;
  readonly #recording = new SceneRecording();
  readonly #watchers = new Set<(scene: Uint8Array) => void>();
  #surveys = 0;
  #recordDueMs = 0;
  #fullDueMs = 0;
  #surveyedMs = Number.NEGATIVE_INFINITY;
  #cancelSurvey: Cancel = () => {};
  #cancelBuild: Cancel = () => {};
  #closed = false;

  constructor(deps: ScenesDeps) {
    this.#deps = deps;
    this.#board = new SceneBoard(deps.regions);
  }

  open(): void {
    this.#board.build(this.#deps.clock.wall());
    this.#survey();
  }

  close(): void {
    this.#closed = true;
    this.#cancelSurvey();
    this.#cancelBuild();
  }

  /** What the server of a region has answered. */
  heard(region: string, movers: Uint8Array): void {
    const decoded = decodeMovers(movers);
    if (decoded) this.#board.heard(region, decoded);
  }

  /** Nobody is in the region any more: it sleeps. */
  asleep(region: string): void {
    this.#board.forget(region);
  }

  now(): Uint8Array {
    return this.#board.full();
  }

  onScene(fn: (scene: Uint8Array) => void): () => void {
    const watcher = (scene: Uint8Array) => fn(scene);
    this.#watchers.add(watcher);
    // The first one brings the rhythm up at once.
    if (this.#watchers.size === 1) this.#next();
    return () => this.#watchers.delete(watcher);
  }

  recorded(fromMs: number, toMs: number, max: number): readonly Uint8Array[] {
    return this.#recording.between(fromMs, toMs, max);
  }

  get sinceMs(): number {
    return this.#recording.sinceMs;
  }

  #survey(): void {
    const { clock, survey } = this.#deps;
    this.#surveyedMs = clock.now();
    this.#surveys = (this.#surveys + 1) >>> 0;
    survey(this.#surveys);
    this.#cancelBuild();
    this.#cancelBuild = clock.at(this.#surveyedMs + scenePolicy.collectMs, () => this.#build());
    this.#next();
  }

  /** A steady beat: a survey is as long after the last one as it should be, however late that was. */
  #next(): void {
    if (this.#closed) return;
    const { clock } = this.#deps;
    const everyMs = this.#watchers.size > 0 ? scenePolicy.watchedMs : scenePolicy.restMs;
    this.#cancelSurvey();
    this.#cancelSurvey = clock.at(Math.max(clock.now(), this.#surveyedMs + everyMs), () => this.#survey());
  }

  #build(): void {
    const nowMs = this.#deps.clock.now();
    const atMs = this.#deps.clock.wall();
    const changes = this.#board.build(atMs);
    // A beat may come a little early, and must not be taken for the one before.
    if (nowMs >= this.#recordDueMs) {
      this.#recordDueMs = nowMs + scenePolicy.restMs - scenePolicy.watchedMs / 2;
      this.#recording.add(this.#board.full(), atMs);
    }
    if (this.#watchers.size === 0) return;
    const full = nowMs >= this.#fullDueMs;
    if (full) this.#fullDueMs = nowMs + scenePolicy.fullMs;
    const scene = full ? this.#board.full() : changes;
    for (const watcher of this.#watchers) watcher(scene);
  }
}
