/** Builds the page into a folder. Beside `src`, because a published package has the page already and Vite not at all. */
import { join } from 'node:path';
import { build } from 'vite';

export async function buildPage(outDir: string): Promise<void> {
  await build({ configFile: join(import.meta.dirname, 'vite.config.ts'), logLevel: 'error', build: { outDir } });
}
