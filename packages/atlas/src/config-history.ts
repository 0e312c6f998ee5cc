/**
 * What a configuration that was written for another release meets here. An older one may have fields that are gone: each of them has a line
 * in `formerFields` for as long as anybody may still have it, and says what to write now. A newer one, which says so by `release`, may have
 * fields that are not known yet: that is told as what it is, and not as a misspelt word.
 */
export interface FormerField {
  /** The last release that read it. */
  readonly until: string;
  /** What to write now, in words, and how that looks. */
  readonly instead: string;
  readonly example: string;
}

/** By path, such as `gateway.host`. Nothing has gone yet: 0.1.0 is the first release. */
export const formerFields: Readonly<Record<string, FormerField>> = {};

/** Releases are three numbers. */
export function isNewer(release: string, than: string): boolean {
  const [a, b] = [release, than].map((text) => text.split(/[.-]/).slice(0, 3).map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
