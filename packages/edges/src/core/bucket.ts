/** A token bucket whose rate is its owner's: one number and one time, for the path of each datagram. */
export class Bucket {
  #tokens: number;
  #atMs: number;

  constructor(burst: number, nowMs: number) {
    this.#tokens = burst;
    this.#atMs = nowMs;
  }

  /** False: nothing was taken. */
  take(perS: number, burst: number, nowMs: number): boolean {
    this.#fill(perS, burst, nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** How much may still come at once. */
  left(perS: number, burst: number, nowMs: number): number {
    this.#fill(perS, burst, nowMs);
    return this.#tokens;
  }

  #fill(perS: number, burst: number, nowMs: number): void {
    if (nowMs <= this.#atMs) return;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#atMs) * perS) / 1000);
    this.#atMs = nowMs;
  }
}
