/** The time by the second, for "12 s ago": one timer for the whole page, and none while it is hidden. */
import { signal } from '@preact/signals';

export const nowMs = signal(Date.now());
setInterval(() => {
  if (!document.hidden) nowMs.value = Date.now();
}, 1000);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) nowMs.value = Date.now();
});
