/** Whether the kernel can hold game servers to the limits of their definitions here: cores, memory, processes. */
import type { LackingLimit } from '@horizon-atlas/atlas/examine';
import { type Finding, ok, warn } from './finding.ts';

const words = { cpus: 'cpus', memoryBytes: 'memoryMb', processes: 'processes' } as const;

export function limitsCheck(lacking: readonly LackingLimit[]): Finding {
  const name = 'limits';
  if (lacking.length === 0) return ok(name, 'cpus, memoryMb and processes of game definitions are held by the kernel');
  const list = lacking.map(({ resource }) => words[resource]).join(', ');
  const [first] = lacking;
  const text = `${list} of game definitions are not enforced here: ${first?.why ?? ''}`;
  const fleets = [...new Set(lacking.flatMap((each) => each.fleets))];
  if (fleets.length === 0) return ok(name, text);
  return warn(
    name,
    `${text}; ${fleets.join(', ')} set${fleets.length === 1 ? 's' : ''} them`,
    'run Atlas where it may make control groups: as root, or as a systemd service with Delegate=yes',
  );
}
