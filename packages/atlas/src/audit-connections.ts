/** Who comes and who is refused at the gateways, as entries of the audit log: from what the gateways tell the control plane. */
import type { Audit } from '@horizon-atlas/audit';
import type { Event, EventSource, WorldSource } from '@horizon-atlas/control';
import type { Cancel, Clock } from '@horizon-atlas/ports';

const kinds: Readonly<Record<string, string>> = {
  'player.joined': 'connection.opened',
  'player.back': 'connection.opened',
  'player.away': 'connection.closed',
  'player.left': 'connection.closed',
};

/** Between two looks at what gateways have refused. */
const lookMs = 1000;

export function recordConnections(
  audit: Pick<Audit, 'append' | 'refuse'>,
  { events, world, clock }: { readonly events: EventSource; readonly world: WorldSource; readonly clock: Clock },
): Cancel {
  const unsubscribe = events.onEvent((event) => {
    const kind = kinds[event.type];
    if (kind === undefined) return;
    audit.append({
      kind,
      actor: `player:${event.player}`,
      address: '',
      subject: String(event.fields.gateway ?? ''),
      code: codeOf(event),
      fields: event.fields,
    });
  });
  const refused = new Map<string, number>();
  let cancel: Cancel = () => {};
  const look = (): void => {
    countRefusals(audit, world, refused);
    cancel = clock.at(clock.now() + lookMs, look);
  };
  look();
  return () => {
    unsubscribe();
    cancel();
  };
}

/** Gateways count since their start: what is more than at the look before is new, and so is everything of one that has started anew. */
function countRefusals(audit: Pick<Audit, 'refuse'>, world: WorldSource, refused: Map<string, number>): void {
  for (const { id, startedAtMs, refused: counts } of world.gateways()) {
    for (const { code, count } of counts) {
      const name = `${id} ${startedAtMs} ${code}`;
      const more = count - (refused.get(name) ?? 0);
      refused.set(name, count);
      if (more > 0) audit.refuse('connection.refused', code, '', more);
    }
  }
}

const codeOf = ({ fields: { code } }: Event): string => (typeof code === 'string' ? code : '');
