/** `atlas status`: an Atlas at a glance, as the terminal of `atlas up` shows it. */
import type { Status } from '@horizon-atlas/atlas';
import { AtlasError } from '@horizon-atlas/protocol';
import type { Command } from 'commander';
import { frame } from '../frame.ts';
import { apiOf } from '../installation.ts';
import { examples, runOf, withOutput, withTarget } from '../options.ts';
import { render } from '../output.ts';

export const limits = {
  /** An API that has not answered in this time does not. */
  answerMs: 5000,
  columnsPiped: 100,
} as const;

export function addStatus(program: Command): void {
  const command = program
    .command('status')
    .argument('[config]', 'the configuration that it was started with')
    .description('show what a running Atlas does: players, regions and handoffs')
    .action(async (config: string | undefined, _options: unknown, self: Command) => {
      const { options, terminal } = runOf(self);
      const api = await apiOf({ ...options, config: config ?? options.config });
      const status = await askStatus(api);
      const gateways = status.gateways.map(({ url }) => url);
      const state = { phase: 'running', name: '', version: status.version, api, gateways, status, happenings: [] } as const;
      const width = Math.min(terminal.width, limits.columnsPiped);
      terminal.print(render(options.output, status, () => frame(state, width, terminal.paint).slice(1, -1)));
    });
  examples(withOutput(withTarget(command)), [
    ['atlas status', 'the world of this folder, else the one at the usual address'],
    ['atlas status --json | jq .handoffs', ''],
    ['atlas status --api http://127.0.0.1:7700', ''],
  ]);
}

async function askStatus(api: string): Promise<Status> {
  const url = new URL('/api/v1/status', api);
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(limits.answerMs) });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    return (await answer.json()) as Status;
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } };
    throw new AtlasError(
      'NOT_RUNNING',
      `no Atlas answers at ${url} (${cause?.code ?? message}): start one with atlas up, or name another with --api or --data-dir`,
    );
  }
}
