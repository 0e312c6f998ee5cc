/** A fleet's program as text: what a rollout goes back to after a restart, and what tells one version from another where nobody names them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { FleetConfig } from './config.ts';

export type FleetProgramSpec = Pick<FleetConfig, 'argv' | 'cwd' | 'env' | 'host' | 'ports'>;

export function programText({ argv, cwd, env, host, ports }: FleetProgramSpec): string {
  return JSON.stringify({ argv, cwd, env, host, ports });
}

/** undefined: it is none. */
export function readProgram(text: string): FleetProgramSpec | undefined {
  try {
    const spec = JSON.parse(text) as FleetProgramSpec;
    const isSpec = Array.isArray(spec.argv) && Array.isArray(spec.ports) && typeof spec.env === 'object' && spec.env !== null;
    return isSpec ? spec : undefined;
  } catch {
    return undefined;
  }
}

/** The same program is the same version. Files that it is made of count as far as its command names them: an entry's imports do not. */
export function programVersion(fleet: FleetConfig): string {
  const hash = createHash('sha256').update(programText(fleet));
  if (fleet.game !== undefined) hash.update(JSON.stringify([fleet.game, fleet.vars]));
  for (const part of fleet.argv) if (isAbsolute(part) && /\.[cm]?[jt]s$/.test(part)) hash.update(contentOf(part));
  return hash.digest('hex').slice(0, 8);
}

function contentOf(file: string): Uint8Array | string {
  try {
    return readFileSync(file);
  } catch {
    // Its start will tell.
    return '';
  }
}
