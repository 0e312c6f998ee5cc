/** The other process of lost.proc.test.ts: listens at the given address, echoes, and tells its parent what happens to its links. */
import { makeLinks } from '../src/index.ts';
import { hostClock } from './host-clock.ts';

const links = makeLinks({ clock: hostClock, heartbeatMs: 50, lostAfter: 3 });
await links.listen(process.argv[2] ?? '', (link) => {
  link.onFrame((frame) => link.send(frame));
  link.onClose((reason) => process.send?.(reason.code));
});
process.send?.('up');
process.on('disconnect', () => process.exit());
