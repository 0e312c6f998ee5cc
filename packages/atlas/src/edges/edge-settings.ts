/** What an edge process is told beside what comes by its link: a file that only its owner may read, written by the control plane, read by edge-main.ts. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { AtlasError } from '@horizon-atlas/protocol';

export interface EdgeSettings {
  /** Where edges keep what their successors go on from; each has a folder of its own in it. */
  readonly folder: string;
  /** For listeners with TLS: paths of PEM files, or the folder of the development certificate; undefined: none. */
  readonly tls?: { readonly cert: string; readonly key: string } | { readonly devFolder: string };
  /** Address that edges listen at, for the development certificate. */
  readonly host: string;
  readonly coalesceMs?: number;
  /** For fronts: the library's main file, and the versions of the game that are spoken; absent: there are none. */
  readonly minecraft?: { readonly library: string; readonly versions: readonly string[] };
}

export function writeEdgeSettings(file: string, settings: EdgeSettings): void {
  const next = `${file}.next`;
  writeFileSync(next, JSON.stringify(settings), { mode: 0o600 });
  renameSync(next, file);
}

/** Throws CONFIG_INVALID. */
export function readEdgeSettings(file: string): EdgeSettings {
  const read = JSON.parse(readFileSync(file, 'utf8')) as Partial<EdgeSettings> | null;
  if (typeof read?.folder !== 'string' || typeof read.host !== 'string') {
    throw new AtlasError('CONFIG_INVALID', `${file} is not what a control plane of this version writes`);
  }
  return read as EdgeSettings;
}
