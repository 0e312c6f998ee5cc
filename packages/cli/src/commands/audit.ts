/** `atlas audit`: the append-only log of connections, refusals and administrative actions. */
import type { AuditEntry } from '@horizon-atlas/sdk-admin';
import type { Command } from 'commander';
import { connectionOf, listed } from '../connection.ts';
import { printList } from '../list-command.ts';
import { examples, runOf, wholeNumber, withOutput, withTarget } from '../options.ts';
import { auditColumns } from '../resource-columns.ts';

interface AuditOptions {
  readonly kind?: string;
  readonly actor?: string;
  readonly after?: number;
  readonly last: number;
}

export function addAudit(program: Command): void {
  const command = program
    .command('audit')
    .description('list who connected, was refused, and did what to this world')
    .option('--kind <prefix>', 'only those whose kind begins so, such as action. or connection.refused')
    .option('--actor <text>', 'only those by whom this is a part')
    .option('--after <seq>', 'only those with a higher number', (text) => wholeNumber(text, 0, Number.MAX_SAFE_INTEGER))
    .option('-n, --last <count>', 'so many of the latest', (text) => wholeNumber(text, 1, 100_000), 50)
    .action(async ({ kind, actor, after, last }: AuditOptions, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      const { items } = await listed(admin.audit, after === undefined ? {} : { after }, 1_000_000);
      const wanted = (entry: AuditEntry) =>
        (kind === undefined || entry.kind.startsWith(kind)) && (actor === undefined || entry.actor.includes(actor));
      const shown = items.filter(wanted).slice(-last);
      printList(run, { items: shown, total: shown.length }, auditColumns, 'Nothing of that is in the log.');
    });
  examples(withOutput(withTarget(command)), [
    ['atlas audit', 'the latest entries'],
    ['atlas audit --kind action.', 'what operators did'],
    ['atlas audit --kind connection.refused --json', ''],
  ]);
}
