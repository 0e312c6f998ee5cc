/** What gateways and edges do without a control plane: they go on for a while, and then end by themselves. */
import type { Clock, LinkAddress, Links } from '@horizon-atlas/ports';

/** Without a control plane for so long nobody will come back for us. */
const orphanMs = 600_000;

/** The links as they are, and `orphaned` when the control plane could not be reached for too long. */
export function orphanAware(links: Links, address: LinkAddress, clock: Clock, orphaned: () => void): Links {
  let aloneSinceMs: number | undefined;
  return {
    listen: (at, onLink) => links.listen(at, onLink),
    async dial(to) {
      if (to !== address) return links.dial(to);
      try {
        const link = await links.dial(to);
        aloneSinceMs = undefined;
        return link;
      } catch (error) {
        aloneSinceMs ??= clock.now();
        if (clock.now() - aloneSinceMs > orphanMs) orphaned();
        throw error;
      }
    },
  };
}
