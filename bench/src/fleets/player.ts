/**
 * Forked by the bench of servers: somebody who wants to play at once, as often as told. A process of its own, in which nothing else runs while a time is taken. It
 * reads the keys of join tokens before that Atlas starts.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { dataDirAt } from '@horizon-atlas/atlas';
import { type Admin, connectAdmin } from '@horizon-atlas/sdk-admin';
import { joinTokensOf, type Played, playOnce } from './arena-player.ts';

export interface PlayOrder {
  readonly url: string;
  readonly fleet: string;
  readonly requestId: string;
}

export type PlayReport = Played | { readonly failed: string };

/** Matches between two collections of garbage: it takes this process 10 to 40 ms, which would be counted as waiting if V8 chose the moment. */
const COLLECT_EVERY = 10;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
let played = 0;

const tokens = await joinTokensOf(dataDirAt(process.argv[2] ?? ''));
let admin: { readonly url: string; readonly api: Admin } | undefined;

process.on('message', ({ url, fleet, requestId }: PlayOrder) => {
  if (admin?.url !== url) admin = { url, api: connectAdmin({ url }) };
  playOnce(admin.api, tokens, fleet, requestId).then(tell, (error) => tell({ failed: String(error) }));
});
process.send?.('ready');
process.channel?.ref();

function tell(report: PlayReport): void {
  if (played++ % COLLECT_EVERY === 0) collect();
  process.send?.(report);
}
