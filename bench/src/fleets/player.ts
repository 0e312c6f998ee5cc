/**
 * Forked by the bench of servers: somebody who wants to play at once, as often as told. A process of its own, in which nothing else runs while a time is taken. It
 * reads the keys of join tokens before that Atlas starts.
 */
import { dataDirAt } from '@horizon-atlas/atlas';
import { type Admin, connectAdmin } from '@horizon-atlas/sdk-admin';
import { joinTokensOf, type Played, playOnce } from './arena-player.ts';

export interface PlayOrder {
  readonly url: string;
  readonly fleet: string;
  readonly requestId: string;
}

export type PlayReport = Played | { readonly failed: string };

const tokens = await joinTokensOf(dataDirAt(process.argv[2] ?? ''));
let admin: { readonly url: string; readonly api: Admin } | undefined;

process.on('message', ({ url, fleet, requestId }: PlayOrder) => {
  if (admin?.url !== url) admin = { url, api: connectAdmin({ url }) };
  playOnce(admin.api, tokens, fleet, requestId).then(tell, (error) => tell({ failed: String(error) }));
});
process.send?.('ready');
process.channel?.ref();

function tell(report: PlayReport): void {
  process.send?.(report);
}
