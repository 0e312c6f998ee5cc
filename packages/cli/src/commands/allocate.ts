/** `atlas allocate` and `atlas deploy-mode`: a game server for somebody, and a mode for so many. */
import type { Command } from 'commander';
import { connectionOf } from '../connection.ts';
import { examples, runOf, timeOption, wholeNumber, withOutput, withTarget } from '../options.ts';
import { render } from '../output.ts';
import { fields } from '../table.ts';

export function addAllocate(program: Command): void {
  const command = program
    .command('allocate')
    .argument('<fleet>', 'whose server')
    .description('take a game server, as a matchmaker does')
    .addOption(timeOption('--wait <time>', 'how long to wait for one', 600, 0))
    .addOption(timeOption('--lease <time>', 'by when its first player must come; 0s: whenever', 3600, 0))
    .option('--request-id <id>', 'the same id is the same request')
    .option('--release', 'give back the server of --request-id')
    .action(async (fleet: string, given: Given, self: Command) => {
      const { options, terminal } = runOf(self);
      const { admin } = await connectionOf(options);
      if (given.release === true && given.requestId !== undefined) {
        const { requestId, state, end } = await admin.releaseAllocation(given.requestId);
        terminal.print(render(options.output, { requestId, state, end }, () => [`${requestId} ${end ?? state}`]));
        return;
      }
      const taken = await admin.allocate({
        fleet,
        waitMs: Math.round(given.wait * 1000),
        leaseSeconds: Math.ceil(given.lease),
        ...(given.requestId === undefined ? {} : { requestId: given.requestId }),
      });
      const address = taken.ports.map(({ name, port }) => `${name} ${taken.address}:${port}`).join(', ');
      const pairs = [
        ['server', taken.gameServerName],
        ['address', address === '' ? '–' : address],
        ['request', taken.requestId],
      ] as const;
      terminal.print(render(options.output, taken, () => fields(pairs, { width: terminal.width, paint: terminal.paint })));
    });
  examples(withOutput(withTarget(command)), [
    ['atlas allocate arena', ''],
    ['atlas allocate arena --wait 30s --lease 60s --request-id match-17', ''],
    ['atlas allocate arena --request-id match-17 --release', ''],
  ]);
}

interface Given {
  readonly wait: number;
  readonly lease: number;
  readonly requestId?: string;
  readonly release?: boolean;
}

export function addDeployMode(program: Command): void {
  const command = program
    .command('deploy-mode')
    .argument('<mode>', 'a fleet of the configuration')
    .description('make a fleet a game mode for so many players: warm, scaled by use')
    .requiredOption('--players <n>', 'how many are expected at the same time', (text: string) =>
      wholeNumber(text, 1, 5_000_000, 'A number of players'),
    )
    .option('--sites <names>', 'some of its sites, with commas between them')
    .action(async (mode: string, { players, sites }: { players: number; sites?: string }, self: Command) => {
      const { options, terminal } = runOf(self);
      const { admin } = await connectionOf(options);
      const made = await admin.deployMode({
        mode,
        expectedPlayers: players,
        sites: sites?.split(',').filter((each) => each !== '') ?? [],
      });
      const { fleet, endpoints, estimatedCost: cost } = made;
      const price = cost.perHourMin === null ? 'not known' : `${cost.perHourMin} to ${cost.perHourMax} ${cost.currency} an hour`;
      const pairs = [
        ['mode', made.mode],
        ['servers', `${fleet.min} to ${fleet.max}: more above 80 % in use, fewer below 30 %`],
        ['allocate', `POST ${endpoints.allocate}`],
        ['dashboard', made.dashboardUrl],
        ['cost', `${price}: ${cost.madeOf}`],
      ] as const;
      terminal.print(render(options.output, made, () => fields(pairs, { width: terminal.width, paint: terminal.paint })));
    });
  examples(withOutput(withTarget(command)), [
    ['atlas deploy-mode arena --players 500', ''],
    ['atlas deploy-mode arena --players 500 --sites eu-west,eu-north', ''],
  ]);
}
