/** `atlas open`: the dashboard in a browser, or its address for those who have none here. */
import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { connectionOf } from '../connection.ts';
import { examples, runOf, withOutput, withTarget } from '../options.ts';
import { render } from '../output.ts';

export function addOpen(program: Command): void {
  const command = program
    .command('open')
    .description('open the dashboard in a browser')
    .option('--print', 'only print its address')
    .option('--play', 'the game itself, where it has a web client')
    .action(async ({ print, play }: { print?: boolean; play?: boolean }, self: Command) => {
      const { options, terminal } = runOf(self);
      const { url, admin } = await connectionOf(options);
      // Somebody must answer there before a browser is bothered; whether it lets us in is the page's affair.
      await admin.session();
      const address = `${url}/${play ? 'play/' : ''}`;
      terminal.print(render(options.output, { url: address }, () => [address]));
      if (print !== true && terminal.interactive && !(await opened(address)))
        terminal.note('No browser could be started here: open the address yourself.');
    });
  examples(withOutput(withTarget(command)), [
    ['atlas open', ''],
    ['atlas open --print', 'over SSH, for instance'],
    ['atlas open --play', ''],
  ]);
}

/** The address is an argument of its own: no shell reads it. */
function opened(url: string): Promise<boolean> {
  const [program = '', ...args] = { darwin: ['open'], win32: ['rundll32', 'url.dll,FileProtocolHandler'] }[
    process.platform as string
  ] ?? ['xdg-open'];
  return new Promise((resolve) => {
    const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
    child.on('error', () => resolve(false));
    child.on('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
