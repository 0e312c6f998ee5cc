/** `atlas audit verify`: reads all files and follows the chain. */
import { createReadStream } from 'node:fs';
import { Chain, type ChainProblem } from './chain.ts';
import { filesIn } from './files.ts';

export interface Verification {
  readonly ok: boolean;
  readonly files: number;
  readonly entries: number;
  /** 0: there is none. Above 1: older files have been removed. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Write it down elsewhere, and give it as `anchor` later: only so can lines that were cut off at the end be noticed. */
  readonly lastHash: string;
  /** The last line is cut off, as by a crash in the middle of a write. Atlas mends it at its next start; no entry that was complete is touched. */
  readonly torn: boolean;
  /** The first hundred. */
  readonly problems: readonly ChainProblem[];
}

/** Rejects if a file cannot be read. `anchor`: an entry that is known to have been there. */
export async function verifyAudit(dir: string, anchor?: { readonly seq: number; readonly hash: string }): Promise<Verification> {
  const files = filesIn(dir);
  const chain = new Chain();
  let torn = false;
  let anchored = anchor === undefined;
  for (const [i, { path, name }] of files.entries()) {
    let first = true;
    // One line behind, because the last one of the last file may be half a line.
    let held: string | undefined;
    const take = (line: string): void => {
      if (first) chain.begin(name, line);
      else chain.add(line);
      first = false;
      if (anchor && chain.lastSeq === anchor.seq && chain.lastHash === anchor.hash) anchored = true;
    };
    const { lines, endsWhole } = await linesOf(path);
    for await (const line of lines) {
      if (held !== undefined) take(held);
      held = line;
    }
    const isTorn = i === files.length - 1 && held !== undefined && !endsWhole();
    if (isTorn) torn = true;
    else if (held !== undefined) take(held);
  }
  const problems = [...chain.problems];
  if (anchor && !anchored) {
    problems.push({
      file: files.at(-1)?.name ?? '',
      line: 0,
      what: `entry ${anchor.seq} with the hash ${anchor.hash} is not there`,
    });
  }
  const { entries, firstSeq, lastSeq, lastHash } = chain;
  return { ok: problems.length === 0, files: files.length, entries, firstSeq, lastSeq, lastHash, torn, problems };
}

/** Its lines, and whether the last of them had an end. */
async function linesOf(path: string): Promise<{ lines: AsyncIterable<string>; endsWhole: () => boolean }> {
  // By those alone who verify: a control plane that starts has no use for it.
  const { createInterface } = await import('node:readline');
  let lastByte: number | undefined;
  const stream = createReadStream(path);
  stream.on('data', (part) => {
    lastByte = (part as Buffer).at(-1);
  });
  return { lines: createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }), endsWhole: () => lastByte === 0x0a };
}
