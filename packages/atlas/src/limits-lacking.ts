/** For `atlas doctor`: limits that the kernel cannot hold game servers to here, and which fleets of a configuration want them. Changes nothing. */
import { dirname } from 'node:path';
import { cgroupsHere } from '@horizon-atlas/adapter-process';
import { loadGame } from '@horizon-atlas/games';
import type { LimitedResource } from '@horizon-atlas/ports';
import type { AtlasConfig } from './config.ts';

export interface LackingLimit {
  readonly resource: LimitedResource;
  readonly why: string;
  /** Whose definition sets it. */
  readonly fleets: readonly string[];
}

const fieldOf = { cpus: 'cpus', memoryBytes: 'memoryMb', processes: 'processes' } as const;

/** Empty: all can be held. Definitions that cannot be read are no matter of this. */
export async function limitsLacking(config: AtlasConfig | undefined): Promise<readonly LackingLimit[]> {
  const here = cgroupsHere(true);
  const games = await Promise.all(
    (config?.fleets ?? []).map(async ({ name, game }) => {
      const read = game === undefined ? undefined : await loadGame(game, dirname(config?.file ?? '.')).catch(() => undefined);
      return { name, limits: read?.definition.limits };
    }),
  );
  return (['cpus', 'memoryBytes', 'processes'] as const).flatMap((resource) => {
    const why = here.lacks(resource);
    if (why === '') return [];
    const fleets = games.flatMap(({ name, limits }) => (limits?.[fieldOf[resource]] === undefined ? [] : [name]));
    return [{ resource, why, fleets }];
  });
}
