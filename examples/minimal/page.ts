/** The same world in the browser, which `atlas up` serves at /play/: click where you want to walk. */
import { connect } from '@horizon-atlas/sdk-client';
import { pageAccess } from '@horizon-atlas/sdk-client/page';
import { schema } from './schema.ts';

const canvas = document.createElement('canvas');
canvas.width = 800;
canvas.height = 400;
const status = document.createElement('p');
status.setAttribute('role', 'status');
document.body.append(canvas, status);
const c = canvas.getContext('2d') as CanvasRenderingContext2D;

const atlas = await connect({ ...(await pageAccess()), schema });
atlas.on('$paused', ({ region }) => say(`the server of ${region} is gone, another takes over …`));
atlas.on('$resumed', ({ region }) => say(`${region} plays on`));
atlas.on('$crossed', ({ to, gapMs }) => say(`walked to ${to}; the picture stood still for ${Math.round(gapMs)} ms`));
// 100 units to either side of the border are 400 pixels.
canvas.addEventListener('click', ({ offsetX, offsetY }) => {
  atlas.send('walk/to', { x: offsetX / 4 - 100, y: offsetY / 4 - 50 });
});
say(`you are in ${atlas.me.region}`);
draw();

function draw(): void {
  c.fillStyle = '#dcebd0';
  c.fillRect(0, 0, 400, 400);
  c.fillStyle = '#cfe0ea';
  c.fillRect(400, 0, 400, 400);
  c.fillStyle = '#222';
  for (const { id, x, y, state } of atlas.entities.values()) {
    const [left, top] = [(x + 100) * 4, (y + 50) * 4];
    c.fillRect(left - 5, top - 5, 10, 10);
    c.fillText(`${state?.name ?? ''}${id === atlas.me.entity ? ' (you)' : ''}`, left + 8, top + 4);
  }
  requestAnimationFrame(draw);
}

function say(text: string): void {
  status.textContent = text;
}
