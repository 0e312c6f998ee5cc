/** `atlas audit`: the append-only log of connections, refusals and administrative actions. */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dataDirAt } from '@horizon-atlas/atlas';
import { verifyAudit } from '@horizon-atlas/audit';
import { AtlasError } from '@horizon-atlas/protocol';
import type { AuditEntry } from '@horizon-atlas/sdk-admin';
import { type Command, InvalidArgumentError } from 'commander';
import { connectionOf, listed } from '../connection.ts';
import { rootOf } from '../installation.ts';
import { printList } from '../list-command.ts';
import { examples, runOf, wholeNumber, withOutput, withTarget } from '../options.ts';
import { render } from '../output.ts';
import { auditColumns } from '../resource-columns.ts';
import { harmless } from '../text-width.ts';

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
    ['atlas audit verify', 'nothing was changed, taken out or put in'],
  ]);
  addVerify(command);
}

function addVerify(audit: Command): void {
  const command = audit
    .command('verify')
    .argument('[folder]', 'with the files of the log; that of the world of this folder when absent')
    .description('hold the files of the log against their chain of hashes, whether or not Atlas runs')
    .option('--anchor <seq:hash>', 'an entry that is known to have been there', anchorOf)
    .action(async (folder: string | undefined, { anchor }: { anchor?: { seq: number; hash: string } }, self: Command) => {
      const { options, terminal } = runOf(self);
      const dir = folder === undefined ? join(dataDirAt(await rootOf(options)).root, 'audit') : resolve(folder);
      if (!existsSync(dir)) throw new AtlasError('NOT_FOUND', `there is no audit log in ${dir}: name its folder`);
      const found = await verifyAudit(dir, anchor);
      terminal.print(
        render(options.output, found, () => [
          `${found.entries} entries in ${found.files === 1 ? 'one file' : `${found.files} files`}, ${found.firstSeq} to ${found.lastSeq}`,
          `last hash ${found.lastHash}`,
          ...(found.torn ? ['The last line is cut off, as by a crash; the next start mends it.'] : []),
          ...found.problems.map(({ file, line, what }) => `${harmless(file)}:${line}  ${harmless(what)}`),
        ]),
      );
      if (!found.ok) throw new AtlasError('AUDIT_BROKEN');
    });
  examples(withOutput(withTarget(command)), [
    ['atlas audit verify', ''],
    ['atlas audit verify /backup/audit --anchor 4711:9f2c…', 'also that the end was not cut off'],
  ]);
}

function anchorOf(text: string): { seq: number; hash: string } {
  const found = /^(\d+):([0-9a-f]{64})$/i.exec(text);
  if (!found) throw new InvalidArgumentError('An anchor is a number, a colon and a hash of 64 digits.');
  return { seq: Number(found[1]), hash: (found[2] ?? '').toLowerCase() };
}
