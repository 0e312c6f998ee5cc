/** Short words at the edge of the page about what was done; read aloud, and gone after a while. */
import { signal } from '@preact/signals';
import { Icon } from './icons.tsx';

interface Toast {
  readonly id: number;
  readonly tone: 'good' | 'bad';
  readonly text: string;
}

const shownMs = 6000;
const most = 4;
const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

export function toast(tone: Toast['tone'], text: string): void {
  const id = ++lastId;
  toasts.value = [...toasts.value, { id, tone, text }].slice(-most);
  setTimeout(() => dismiss(id), shownMs);
}

const dismiss = (id: number): void => {
  toasts.value = toasts.value.filter((each) => each.id !== id);
};

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, tone, text }) => (
        <div class={`toast ${tone}`} key={id}>
          <Icon name={tone === 'good' ? 'check' : 'warn'} />
          <bdi>{text}</bdi>
          <button type="button" class="icon-button" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Icon name="close" size={12} />
          </button>
        </div>
      ))}
    </div>
  );
}
