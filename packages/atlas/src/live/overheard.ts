import type { Probe } from '@horizon-atlas/ports';
import type { Live } from './live.ts';

/** Everything goes where it went, and what happens is also told to those who show it. */
export function overheard(probe: Probe, live: Live): Probe {
  return {
    count: probe.count.bind(probe),
    gauge: probe.gauge.bind(probe),
    observe: probe.observe.bind(probe),
    event(name, fields = {}) {
      probe.event(name, fields);
      live.happened(name, fields);
    },
  };
}
