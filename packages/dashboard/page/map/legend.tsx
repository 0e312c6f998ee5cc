/** What the signs of the map mean. */
import { useState } from 'preact/hooks';
import { Icon } from '../parts/icons.tsx';

export function Legend() {
  const [open, setOpen] = useState(false);
  return (
    <div class={`legend ${open ? 'open' : ''}`}>
      <button type="button" class="legend-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? 'Hide legend' : 'Legend'}
        {open && <Icon name="close" size={12} />}
      </button>
      {open && (
        <ul>
          <Sign kind="player" text="player, in the colour of its region" />
          <Sign kind="other" text="another entity" />
          <Sign kind="shadow" text="ring: a neighbour holds a shadow copy" />
          <Sign kind="crossing" text="crosses a border now" />
          <Sign kind="flash" text="crossed here, with the gap" />
          <li>
            <span class="sign load" aria-hidden="true" />
            ground: load from idle to full
          </li>
          <Sign kind="asleep" text="region asleep" />
          <Sign kind="starting" text="starting or draining" />
          <Sign kind="recovering" text="lost its server, recovering" />
        </ul>
      )}
    </div>
  );
}

function Sign({ kind, text }: { kind: string; text: string }) {
  return (
    <li>
      <span class={`sign ${kind}`} aria-hidden="true" />
      {text}
    </li>
  );
}
