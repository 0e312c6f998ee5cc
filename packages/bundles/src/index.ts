/** How a process of ours is started so that it takes what it can from bundles, and how those are made meanwhile. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { mode } from './preload.ts';

const isCheckout = import.meta.url.endsWith('.ts');
const preload = fileURLToPath(new URL('./preload.ts', import.meta.url));
const maker = fileURLToPath(new URL('./make-main.ts', import.meta.url));

/** A command with which this very Node.js starts a file of code takes bundles; any other is left as it is. */
export function withBundles(argv: readonly string[]): readonly string[] {
  const [program, file = ''] = argv;
  if (!isCheckout || mode === 'off' || program !== process.execPath || !/\.[cm]?[jt]s$/.test(file)) return argv;
  return [program, '--require', preload, ...argv.slice(1)];
}

/** Makes what is stale, here and now. */
export async function makeStaleBundles(): Promise<void> {
  await (await import('./make.ts')).makeBundles();
}

/** Makes what is stale for the next start, in a process of its own that gives way to all others. Returns what ends it. */
export function makeBundlesBehind(): () => void {
  if (!isCheckout || mode !== '') return () => {};
  const child = spawn(process.execPath, [maker, '--behind'], { stdio: 'ignore' });
  child.on('error', () => {});
  child.unref();
  return () => child.kill('SIGKILL');
}
