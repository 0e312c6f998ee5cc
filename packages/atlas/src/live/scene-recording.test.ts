import { describe, expect, it } from 'vitest';
import { recordingLimits, SceneRecording } from './scene-recording.ts';

/** A scene of ten bytes that tells its second. */
const scene = (s: number) => new Uint8Array(10).fill(s % 251);
const seconds = (scenes: readonly Uint8Array[]) => scenes.map((each) => each[0]);

describe('the recording', () => {
  it('gives what lies between two moments, evenly thinned', () => {
    const recording = new SceneRecording();
    expect(recording.sinceMs).toBe(0);
    for (let s = 0; s <= 10; s++) recording.add(scene(s), s * 1000);
    expect(seconds(recording.between(3000, 5000, 100))).toEqual([3, 4, 5]);
    expect(seconds(recording.between(0, 10_000, 3))).toEqual([0, 5, 10]);
    expect(seconds(recording.between(0, 10_000, 1))).toEqual([10]);
    expect(recording.between(0, 10_000, 0)).toEqual([]);
    expect(recording.between(20_000, 30_000, 5)).toEqual([]);
  });

  it('forgets what is older than ten minutes', () => {
    const recording = new SceneRecording();
    for (let s = 0; s <= 700; s++) recording.add(scene(s), s * 1000);
    expect(recording.sinceMs).toBe(700_000 - recordingLimits.keptMs);
    expect(recording.bytes).toBe(10 * 601);
  });

  it('goes back as far with fewer scenes when they are large', () => {
    const recording = new SceneRecording(1000);
    for (let s = 0; s <= 300; s++) {
      recording.add(scene(s), s * 1000);
      expect(recording.bytes).toBeLessThanOrEqual(1000);
    }
    expect(recording.sinceMs).toBe(0);
    const all = seconds(recording.between(0, 300_000, 1000));
    // The last minute or so is whole, what is older is not.
    expect(all.slice(-25)).toEqual(Array.from({ length: 25 }, (_, i) => (276 + i) % 251));
    expect(all.length).toBeGreaterThan(50);
  });

  it('keeps at least one, however large', () => {
    const recording = new SceneRecording(5);
    recording.add(scene(1), 1000);
    recording.add(scene(2), 2000);
    expect(recording.between(0, 9000, 9)).toHaveLength(1);
  });
});
