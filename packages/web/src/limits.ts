/** Limits of a served web client, each with its answer. */
export const limits = {
  /** A larger file is not there, and the log says why. */
  fileBytes: 64 * 1024 * 1024,
  /** Scripts of one page that are kept bundled; the one asked for least recently is bundled again when it is wanted. */
  bundles: 32,
  /** The bundler's process ends when nobody has wanted anything for so long. */
  bundlerIdleMs: 20_000,
} as const;
