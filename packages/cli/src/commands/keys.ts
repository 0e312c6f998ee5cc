/** `atlas keys`: API keys with a scope, for tools and people. */
import type { Scope } from '@horizon-atlas/sdk-admin';
import { type Command, Option } from 'commander';
import { connectionOf, listed } from '../connection.ts';
import { printList } from '../list-command.ts';
import { examples, runOf, withOutput, withTarget } from '../options.ts';
import { render } from '../output.ts';
import { keyColumns } from '../resource-columns.ts';
import { harmless } from '../text-width.ts';

const scopes = ['read', 'operate', 'admin'] as const satisfies readonly Scope[];

export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('list API keys; create and delete them')
    .action(async (_options: unknown, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      printList(run, await listed(admin.keys, {}), keyColumns, 'There are no API keys: atlas keys create NAME makes one.');
    });
  examples(withOutput(withTarget(keys)), [
    ['atlas keys', ''],
    ['atlas keys create ci --scope read', ''],
    ['atlas keys delete ci', ''],
  ]);
  addCreate(keys);
  addDelete(keys);
}

function addCreate(keys: Command): void {
  const command = keys
    .command('create')
    .argument('<name>', '1 to 64 letters, digits, - and _')
    .description('make a key; its secret is shown this once')
    .addOption(new Option('--scope <scope...>', 'what it may do').choices(scopes).default(['read']))
    .action(async (name: string, { scope }: { scope: Scope[] }, self: Command) => {
      const { options, terminal } = runOf(self);
      const { admin } = await connectionOf(options);
      const key = await admin.createKey(name, scope);
      terminal.print(render(options.output, key, () => [key.secret]));
      if (options.output === 'table')
        terminal.note(
          `The secret of ${harmless(key.name)} (${key.scopes.join(', ')}). It is not shown again: keep it, and give it as ATLAS_TOKEN.`,
        );
    });
  examples(withOutput(withTarget(command)), [
    ['atlas keys create grafana', 'may read'],
    ['ATLAS_TOKEN=$(atlas keys create deploy --scope operate) atlas drain alpha --yes', ''],
  ]);
}

function addDelete(keys: Command): void {
  const command = keys
    .command('delete')
    .argument('<name>')
    .description('take a key back: what uses it is refused from now on')
    .action(async (name: string, _options: unknown, self: Command) => {
      const { options, terminal } = runOf(self);
      const { admin } = await connectionOf(options);
      await admin.deleteKey(name);
      terminal.print(render(options.output, { deleted: name }, () => [`${harmless(name)} is no key any more.`]));
    });
  examples(withOutput(withTarget(command)), [['atlas keys delete ci', '']]);
}
