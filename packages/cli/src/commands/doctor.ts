/** `atlas doctor`: whether a world can run here, and how to mend what stands against it. Changes nothing. */
import { limitsLacking } from '@horizon-atlas/atlas/examine';
import type { Command } from 'commander';
import { type Finding, findingLines, summaryLine } from '../doctor/finding.ts';
import { limitsCheck } from '../doctor/limits-check.ts';
import { clockCheck, diskCheck, filesCheck, memoryCheck, nodeCheck, npmCheck, socketsCheck } from '../doctor/machine-checks.ts';
import { type Subject, subjectOf } from '../doctor/subject.ts';
import { certificateCheck, configCheck, dataDirCheck, portChecks, storeCheck } from '../doctor/world-checks.ts';
import { exitCodes } from '../exit-codes.ts';
import { examples, runOf, withColor, withOutput } from '../options.ts';
import { render } from '../output.ts';

export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .argument('[config]', 'the configuration; atlas.config.ts of this folder when absent')
    .description('check this machine and a configuration, and say how to mend what is wrong')
    .option('--data-dir <folder>', 'the world is kept here instead')
    .action(async (config: string | undefined, _options: unknown, self: Command) => {
      const { options, terminal } = runOf(self);
      const findings = await examine(await subjectOf({ config: config ?? options.config, dataDir: options.dataDir }));
      const failed = findings.some(({ level }) => level === 'fail');
      const { width, paint } = terminal;
      terminal.print(
        render(options.output, { ok: !failed, checks: findings }, () => [
          ...findings.flatMap((finding) => findingLines(finding, width, paint)),
          '',
          summaryLine(findings, paint),
        ]),
      );
      if (failed) process.exitCode = exitCodes.missed;
    });
  examples(withOutput(withColor(command)), [
    ['atlas doctor', 'this folder'],
    ['atlas doctor examples/sol/atlas.config.ts', ''],
    ['atlas doctor --json | jq \'.checks[] | select(.level != "ok")\'', ''],
  ]);
}

async function examine(subject: Subject): Promise<Finding[]> {
  return [
    nodeCheck(),
    await npmCheck(),
    configCheck(subject),
    ...(await portChecks(subject)),
    certificateCheck(subject),
    dataDirCheck(subject),
    storeCheck(subject),
    diskCheck(subject),
    memoryCheck(subject),
    limitsCheck(await limitsLacking(subject.config)),
    filesCheck(subject),
    socketsCheck(subject),
    clockCheck(subject),
  ];
}
