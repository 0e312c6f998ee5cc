import { expect, it } from 'vitest';
import { onWake } from './waking.ts';

function host(visibilityState: string) {
  const document = Object.assign(new EventTarget(), { visibilityState });
  return Object.assign(new EventTarget(), { document });
}

it('hears that a page is shown, thawed, taken back from the history or has a network again, until told to stop', () => {
  const page = host('visible');
  let woken = 0;
  const stop = onWake(() => woken++, page);
  const all = () => {
    for (const type of ['visibilitychange', 'resume']) page.document.dispatchEvent(new Event(type));
    for (const type of ['pageshow', 'online']) page.dispatchEvent(new Event(type));
  };
  all();
  expect(woken).toBe(4);
  stop();
  all();
  expect(woken).toBe(4);
});

it('a page that is hidden is not woken by it', () => {
  const page = host('hidden');
  onWake(() => expect.fail('woken'), page);
  page.document.dispatchEvent(new Event('visibilitychange'));
});

it('a host without pages is never woken', () => {
  expect(() => onWake(() => expect.fail('woken'), {})()).not.toThrow();
});
