/** One ship: an arrow for a pilot, a barge for a trader, a flame while it flies. In world units, around its place. */
import { SPEED_MAX } from '../schema.ts';
import type { Ship } from './motion.ts';

const colours = { own: '#ffd27a', pilot: '#9cc6ff', trader: '#7be3bb' } as const;

export function drawShip(c: CanvasRenderingContext2D, ship: Ship, own: boolean, nowMs: number): void {
  const colour = own ? colours.own : ship.trader ? colours.trader : colours.pilot;
  c.save();
  c.translate(ship.x, ship.y);
  const glow = c.createRadialGradient(0, 0, 0, 0, 0, own ? 30 : 20);
  glow.addColorStop(0, `${colour}3c`);
  glow.addColorStop(1, `${colour}00`);
  c.fillStyle = glow;
  c.fillRect(-30, -30, 60, 60);
  c.rotate(ship.heading);
  flame(c, Math.min(1, ship.speed / SPEED_MAX), nowMs + ship.id);
  c.beginPath();
  if (ship.trader) barge(c);
  else arrow(c);
  c.fillStyle = '#0a101c';
  c.fill();
  c.fillStyle = `${colour}55`;
  c.fill();
  c.lineWidth = 1.3;
  c.lineJoin = 'round';
  c.strokeStyle = colour;
  c.stroke();
  c.restore();
}

function arrow(c: CanvasRenderingContext2D): void {
  c.moveTo(11, 0);
  c.lineTo(-8, 7.5);
  c.lineTo(-4, 0);
  c.lineTo(-8, -7.5);
  c.closePath();
}

function barge(c: CanvasRenderingContext2D): void {
  c.moveTo(10, 0);
  c.lineTo(5, 5.5);
  c.lineTo(-9, 5.5);
  c.lineTo(-9, -5.5);
  c.lineTo(5, -5.5);
  c.closePath();
}

function flame(c: CanvasRenderingContext2D, thrust: number, flicker: number): void {
  if (thrust < 0.08) return;
  const length = 7 + 13 * thrust + 2 * Math.sin(flicker / 37);
  const fire = c.createLinearGradient(-5, 0, -5 - length, 0);
  fire.addColorStop(0, 'rgb(255 236 190 / 90%)');
  fire.addColorStop(0.35, 'rgb(255 160 80 / 60%)');
  fire.addColorStop(1, 'rgb(120 130 255 / 0%)');
  c.fillStyle = fire;
  c.beginPath();
  c.moveTo(-5, 3);
  c.lineTo(-5 - length, 0);
  c.lineTo(-5, -3);
  c.fill();
}
