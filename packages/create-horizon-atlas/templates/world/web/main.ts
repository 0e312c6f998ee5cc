/** The web client. Atlas serves it at /play/ and bundles it when it is asked for; there is nothing to build. */
import { connect } from 'horizon-atlas/client';
import { pageAccess } from 'horizon-atlas/client/page';
import { schema } from '../schema.ts';
import { Picture } from './draw.ts';

const canvas = document.querySelector('#world') as HTMLCanvasElement;
const status = document.querySelector('#status') as HTMLElement;
const notice = document.querySelector('#notice') as HTMLElement;
const words = document.querySelector('#words') as HTMLElement;
const say = document.querySelector('#say') as HTMLFormElement;

const atlas = await connect({ ...(await pageAccess()), schema }).catch((error: Error) => {
  notice.textContent = error.message;
  throw error;
});

let crossings = 0;
let lastGapMs = 0;
atlas.on('$crossed', ({ gapMs }) => {
  crossings++;
  lastGapMs = Math.round(gapMs);
});
atlas.on('$paused', ({ region }) => tell(`the server of ${region} is gone, another one takes over …`));
atlas.on('$resumed', () => tell(''));
atlas.on('$status', ({ status: now, code }) => {
  if (now !== 'closed') tell(now === 'reconnecting' ? 'connection lost, trying again …' : '');
  else tell(`you are out of the world (${code ?? 'left'}); load the page anew to come back`);
});
atlas.on('chat/said', ({ from, text }) => {
  const line = document.createElement('li');
  // As text: whatever players type is never markup.
  line.textContent = `${from}: ${text}`;
  words.append(line);
  while (words.children.length > 6) words.firstChild?.remove();
  setTimeout(() => line.remove(), 20_000);
});

say.addEventListener('submit', (event) => {
  event.preventDefault();
  const input = say.elements.namedItem('text') as HTMLInputElement;
  const text = input.value.trim();
  if (text !== '') atlas.send('chat/say', { text });
  input.value = '';
  canvas.focus();
});

// Walking: to where one clicks or taps, or as the keys say.
const picture = new Picture(canvas);
canvas.addEventListener('pointerdown', (event) => {
  canvas.focus();
  atlas.send('walk/to', picture.placeAt(event));
});
const steps: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  a: [-1, 0],
  d: [1, 0],
  w: [0, -1],
  s: [0, 1],
};
const pressed = new Set<string>();
canvas.addEventListener('keydown', (event) => {
  if (event.key in steps) {
    event.preventDefault();
    pressed.add(event.key);
  } else if (event.key === 'Enter') (say.elements.namedItem('text') as HTMLInputElement).focus();
});
canvas.addEventListener('keyup', ({ key }) => pressed.delete(key));
canvas.addEventListener('blur', () => pressed.clear());
let steered = false;
setInterval(() => {
  const me = atlas.me.seen;
  if (!me || (pressed.size === 0 && !steered)) return;
  steered = pressed.size > 0;
  const [dx, dy] = [...pressed].reduce(([x, y], key) => [x + (steps[key]?.[0] ?? 0), y + (steps[key]?.[1] ?? 0)], [0, 0]);
  atlas.send('walk/to', { x: me.x + dx * 20, y: me.y + dy * 20 });
}, 100);

let beforeMs = performance.now();
requestAnimationFrame(function frame(nowMs) {
  picture.draw(atlas.entities.values(), atlas.me.entity, Math.min(0.1, (nowMs - beforeMs) / 1000));
  beforeMs = nowMs;
  requestAnimationFrame(frame);
});
setInterval(() => {
  const ping = Number.isNaN(atlas.ping) ? '' : `, ping ${Math.round(atlas.ping)} ms`;
  const gap = crossings === 0 ? '' : `, ${crossings} borders crossed, the last in ${lastGapMs} ms`;
  status.textContent = `${atlas.me.region}${ping}${gap}`;
}, 250);

canvas.focus();

function tell(text: string): void {
  notice.textContent = text;
}
