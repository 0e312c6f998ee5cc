/** What a load test is told, and what its worker processes are told of it. */

/** How players get in: as those of a development installation of this machine, or with tokens of a login server. */
export type LoadtestAccess =
  | { readonly dataDir: string }
  | {
      /** One for each player; empty where the script makes them. */
      readonly tokens: readonly string[];
      /** PEM to trust in place of the system's authorities; empty for those. */
      readonly ca: string;
    };

export interface LoadtestSettings {
  /** Absolute path of the module that exports a scenario. */
  readonly script: string;
  /** Gateways; players are dealt out to them in turn. */
  readonly urls: readonly string[];
  readonly access: LoadtestAccess;
  readonly players: number;
  /** Turns of a player a second. */
  readonly ratePerS: number;
  /** From the moment on at which everybody has joined. */
  readonly durationS: number;
  /** Over which the players come. */
  readonly rampS: number;
  /** For one player, from its first attempt. */
  readonly joinTimeoutS: number;
  /** The beginning of the players' ids. */
  readonly prefix: string;
  readonly seed: number;
}

/** Parent to worker. */
export type WorkerOrder =
  | { readonly kind: 'begin'; readonly settings: LoadtestSettings; readonly worker: number; readonly workers: number }
  /** Everybody is there: figures begin now. */
  | { readonly kind: 'measure' }
  /** Scenarios end, commands settle, players leave. */
  | { readonly kind: 'finish' };
