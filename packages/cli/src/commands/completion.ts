/** `atlas completion`: scripts that teach a shell the commands, options and ids. */
import type { Admin } from '@horizon-atlas/sdk-admin';
import { Argument, type Command } from 'commander';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { commandModels } from '../completion/model.ts';
import { zshScript } from '../completion/zsh.ts';
import { connectionOf, listed } from '../connection.ts';
import { examples, runOf, withTarget } from '../options.ts';

const shells = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export const limits = {
  /** More is no help while typing. */
  ids: 500,
} as const;

export function addCompletion(program: Command): void {
  const completion = program
    .command('completion')
    .description('print a script that completes commands, options and ids in your shell');
  for (const [shell, script] of Object.entries(shells)) {
    completion
      .command(shell)
      .description(`for ${shell}`)
      .action((_options: unknown, self: Command) => runOf(self).terminal.print(script(commandModels(program)).trimEnd()));
  }
  const ids = completion
    .command('ids', { hidden: true })
    .addArgument(new Argument('<of>').choices(['any', 'process', 'region', 'player', 'key']))
    .description('the ids that may stand somewhere now, one a line; what the scripts ask')
    .action(async (of: string, _options: unknown, self: Command) => {
      const { options, terminal } = runOf(self);
      const { admin } = await connectionOf(options);
      const found = await idsOf(admin, of);
      // A word that a shell would have to quote, or that is none, is typed by hand.
      const plain = found.filter((id) => /^[\w.@+-]+$/.test(id));
      if (plain.length > 0) terminal.print(plain.join('\n'));
    });
  withTarget(ids);
  examples(completion, [
    ['eval "$(atlas completion bash)"', 'in ~/.bashrc'],
    ['eval "$(atlas completion zsh)"', 'in ~/.zshrc, after compinit'],
    ['atlas completion fish > ~/.config/fish/completions/atlas.fish', ''],
  ]);
}

async function idsOf(admin: Admin, of: string): Promise<string[]> {
  const idsIn = async (list: Promise<{ readonly items: readonly { readonly id: string }[] }>) =>
    (await list).items.map(({ id }) => id);
  const regions = () => idsIn(listed(admin.regions, {}, limits.ids));
  const processes = async () => [
    ...(await idsIn(listed(admin.servers, {}, limits.ids))),
    ...(await idsIn(listed(admin.gateways, {}, limits.ids))),
  ];
  const players = () => idsIn(listed(admin.players, {}, limits.ids));
  switch (of) {
    case 'region':
      return regions();
    case 'player':
      return players();
    case 'process':
      return [...(await regions()), ...(await processes())];
    case 'key':
      return (await listed(admin.keys, {}, limits.ids)).items.map(({ name }) => name);
    default:
      return [...(await regions()), ...(await processes()), ...(await players())];
  }
}
