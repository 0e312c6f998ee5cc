/** What `atlas doctor` looks at: one configuration, if there is one, and the data directory that goes with it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type AtlasConfig, type DataDir, dataDirAt, type Holder, holderOf, loadConfig } from '@horizon-atlas/atlas';
import { gatewayConnectionsOf } from '@horizon-atlas/atlas/examine';
import { AtlasError } from '@horizon-atlas/protocol';
import { findConfig, type Where } from '../installation.ts';

export interface Subject {
  /** Empty: none was found, and none was named. */
  readonly file: string;
  readonly config: AtlasConfig | undefined;
  /** What is wrong with it. */
  readonly configError: string | undefined;
  readonly dir: DataDir;
  /** The Atlas that runs on it. */
  readonly running: Holder | undefined;
  /** A lock of one that is gone. */
  readonly stale: boolean;
  readonly gatewayConnections: number;
}

/** Never rejects: what is wrong with the configuration is a finding like others. */
export async function subjectOf(where: Where): Promise<Subject> {
  let file = '';
  let config: AtlasConfig | undefined;
  let configError: string | undefined;
  try {
    file = findConfig(where.config);
    config = await loadConfig(file);
  } catch (error) {
    const absent = error instanceof AtlasError && error.code === 'CONFIG_NOT_FOUND' && where.config === undefined;
    if (!absent) configError = error instanceof Error ? error.message : String(error);
  }
  const root = where.dataDir === undefined ? (config?.dataDir ?? resolve('.atlas')) : resolve(where.dataDir);
  const dir = dataDirAt(root);
  const running = holderOf(dir);
  return {
    file,
    config,
    configError,
    dir,
    running,
    stale: running === undefined && existsSync(dir.lock),
    gatewayConnections: gatewayConnectionsOf(config),
  };
}
