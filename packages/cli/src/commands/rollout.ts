/** `atlas fleet rollout|pause|resume|rollback|status|explain`: a fleet's versions, and why it is as large as it is. */
import type { Rollout, Scaling } from '@horizon-atlas/sdk-admin';
import { type Command, InvalidArgumentError } from 'commander';
import { connectionOf } from '../connection.ts';
import { examples, type Run, runOf, withOutput, withTarget } from '../options.ts';
import { render } from '../output.ts';

export function addRollout(program: Command): void {
  const fleet =
    program.commands.find((command) => command.name() === 'fleet') ??
    program.command('fleet').description('fleets of game servers');
  const status = fleet
    .command('status')
    .argument('<name>', 'of the fleet')
    .description('which version a fleet runs, and how far its rollout is')
    .action(async (name: string, _options: unknown, self: Command) => {
      const run = runOf(self);
      print(run, await (await connectionOf(run.options)).admin.rollout(name), rolloutLines);
    });
  const rollout = fleet
    .command('rollout')
    .argument('<name>', 'of the fleet')
    .argument('<version>', 'a new one, or a known one to go to')
    .description('servers of another version take the place of the former ones; those in use are not stopped')
    .option('--env <name=value...>', 'laid over the environment as it is')
    .option('--command <program...>', 'the program and its arguments, instead of those as they are')
    .action(async (name: string, version: string, _options: unknown, self: Command) => {
      const run = runOf(self);
      const { env, command } = self.opts<{ env?: string[]; command?: string[] }>();
      const { admin } = await connectionOf(run.options);
      const change = { version, ...(command && { command }), ...(env && { env: variablesOf(env) }) };
      print(run, await admin.changeFleet(name, change), rolloutLines);
    });
  const [pause, resume] = (['pause', 'resume'] as const).map((name) => addHold(fleet, name));
  const rollback = fleet
    .command('rollback')
    .argument('<name>', 'of the fleet')
    .description('back to the version before')
    .action(async (name: string, _options: unknown, self: Command) => {
      const run = runOf(self);
      print(run, await (await connectionOf(run.options)).admin.rollBackFleet(name), rolloutLines);
    });
  const explain = fleet
    .command('explain')
    .argument('<name>', 'of the fleet')
    .description('why a fleet is as large as it is, and when that changed')
    .action(async (name: string, _options: unknown, self: Command) => {
      const run = runOf(self);
      print(run, await (await connectionOf(run.options)).admin.scaling(name), scalingLines);
    });
  for (const command of [status, rollout, rollback, explain]) withOutput(withTarget(command));
  if (pause) examples(pause, [['atlas fleet pause arena', 'no more of the new version, and the former version’s stay']]);
  if (resume) examples(resume, [['atlas fleet resume arena', '']]);
  examples(status, [['atlas fleet status arena', '']]);
  examples(rollout, [
    ['atlas fleet rollout arena 1.4.3', 'the same program under a new version: a changed entry file'],
    ['atlas fleet rollout arena 1.4.3 --env MAP=harbour', ''],
  ]);
  examples(rollback, [['atlas fleet rollback arena', '']]);
  examples(explain, [
    ['atlas fleet explain arena', ''],
    ["atlas fleet explain arena --json | jq '.decisions[].why'", ''],
  ]);
}

function addHold(fleet: Command, name: 'pause' | 'resume'): Command {
  const command = fleet
    .command(name)
    .argument('<name>', 'of the fleet')
    .description(name === 'pause' ? 'have a rollout stay as it is' : 'have a rollout that was paused go on')
    .action(async (typed: string, _options: unknown, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      print(run, await admin[`${name}Rollout`](typed), rolloutLines);
    });
  return withOutput(withTarget(command));
}

function print<T>({ options, terminal }: Run, value: T, lines: (value: T) => string[]): void {
  terminal.print(render(options.output, value, () => lines(value)));
}

function variablesOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new InvalidArgumentError(`${pair} is not NAME=value.`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

export function rolloutLines({
  fleet,
  version,
  previous,
  phase,
  paused,
  next,
  former,
  started,
  failed,
  why,
  refused,
  trialUntilMs,
}: Rollout): string[] {
  const counted = ({ ready, coming, inUse }: Rollout['next']) => `${ready} ready, ${coming} coming, ${inUse} in use`;
  return [
    `${fleet} runs version ${version}: ${phase}${paused ? ', paused' : ''}`,
    `  ${version}  ${counted(next)}`,
    ...(previous === '' && former.inUse + former.ready + former.coming === 0
      ? []
      : [`  ${previous || 'former'}  ${counted(former)}`]),
    ...(phase !== 'steady' ? [`  ${started} started, ${failed} failed`] : []),
    ...(trialUntilMs > 0 ? [`  on trial until ${new Date(trialUntilMs).toISOString()}`] : []),
    ...(why === '' ? [] : [`  ${why}`]),
    ...(refused === '' ? [] : [`  version ${refused} was given up by itself`]),
  ];
}

export function scalingLines({ fleet, now, decisions, webhooks }: Scaling): string[] {
  const moment = (ms: number) => new Date(ms).toISOString().slice(11, 19);
  return [
    now ? `${fleet}: ${now.to} servers. ${now.why}` : `${fleet}: nothing is decided yet`,
    ...(now && now.downAtMs > 0 ? [`  ${now.wished} from ${moment(now.downAtMs)} on, if nothing changes`] : []),
    ...webhooks.filter(({ trouble }) => trouble !== '').map(({ url, trouble }) => `  ${url}: ${trouble}`),
    ...decisions.slice(0, 20).map(({ atMs, from, to, why }) => `  ${moment(atMs)}  ${from} → ${to}  ${why}`),
  ];
}
