/**
 * Doing something to players, as all destructive commands do it: what will happen is told first; a person is asked, a script has to say --yes.
 */
import { createInterface } from 'node:readline/promises';
import { AtlasError } from '@horizon-atlas/protocol';
import type { ActionResult } from '@horizon-atlas/sdk-admin';
import type { Run } from './options.ts';
import { render } from './output.ts';
import { harmless } from './text-width.ts';

export interface ActOptions {
  readonly dryRun?: boolean;
}

/** @param act asked with `dryRun` first, and then without. */
export async function act(run: Run, act: (options: ActOptions) => Promise<ActionResult>): Promise<void> {
  const { options, terminal } = run;
  if (options.yes && !options.dryRun) return tell(run, await act({}));
  const planned = await act({ dryRun: true });
  if (options.dryRun) return tell(run, planned);
  if (!terminal.interactive) throw new AtlasError('CONSENT_NEEDED', consentText(planned));
  for (const line of actionLines(planned)) terminal.note(line);
  if (await agreed(question(planned))) tell(run, await act({}));
  else {
    terminal.note('Nothing was done.');
    process.exitCode = 1;
  }
}

export function actionLines({ action, subject, done, effects, playersAffected }: ActionResult): string[] {
  const players = playersAffected === 0 ? 'no player' : playersAffected === 1 ? '1 player' : `${playersAffected} players`;
  const head = done ? `${words[action].done} ${harmless(subject)}` : `Would ${action} ${harmless(subject)}`;
  return [`${head} (${players} affected)`, ...effects.map((effect) => `  ${harmless(effect)}`)];
}

const words: Readonly<Record<ActionResult['action'], { readonly done: string }>> = {
  kill: { done: 'Killed' },
  drain: { done: 'Draining' },
  restart: { done: 'Restarting' },
  move: { done: 'Moving' },
  kick: { done: 'Kicked' },
};

function tell({ options, terminal }: Run, result: ActionResult): void {
  terminal.print(render(options.output, result, () => actionLines(result)));
}

function question({ action, subject }: ActionResult): string {
  return `${action[0]?.toUpperCase()}${action.slice(1)} ${harmless(subject)}? [y/N] `;
}

function consentText(planned: ActionResult): string {
  return `nobody is here to be asked. Add --yes to do it, or --dry-run to see only this:\n  ${actionLines(planned).join('\n  ')}`;
}

/** Anything but a yes is a no; so is the end of the input. */
async function agreed(question: string): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const gone = new AbortController();
  reader.once('close', () => gone.abort());
  reader.once('SIGINT', () => reader.close());
  try {
    return /^\s*y(es)?\s*$/i.test(await reader.question(question, { signal: gone.signal }));
  } catch {
    process.stderr.write('\n');
    return false;
  } finally {
    reader.close();
  }
}
