/** What the screen and its owner want: light or dark (what the system says, until somebody chooses; that is remembered), stillness, narrow rows. */
import { computed, effect, signal } from '@preact/signals';

export type Choice = 'system' | 'light' | 'dark';
const key = 'atlas-theme';
const system = matchMedia('(prefers-color-scheme: light)');
const systemIsLight = signal(system.matches);
system.addEventListener('change', () => {
  systemIsLight.value = system.matches;
});

export const choice = signal<Choice>(remembered());
export const theme = computed(() => (choice.value === 'system' ? (systemIsLight.value ? 'light' : 'dark') : choice.value));

const thinness = matchMedia('(max-width: 720px)');
/** A phone's width: rows have two lines, and say less. */
export const narrow = signal(thinness.matches);
thinness.addEventListener('change', () => {
  narrow.value = thinness.matches;
});

const stillness = matchMedia('(prefers-reduced-motion: reduce)');
export const calm = signal(stillness.matches);
stillness.addEventListener('change', () => {
  calm.value = stillness.matches;
});

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});

export function toggleTheme(): void {
  choice.value = theme.value === 'dark' ? 'light' : 'dark';
  try {
    localStorage.setItem(key, choice.value);
  } catch {
    // A browser that keeps nothing: the choice holds for this page.
  }
}

function remembered(): Choice {
  try {
    const kept = localStorage.getItem(key);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    return 'system';
  }
}
