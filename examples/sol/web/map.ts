/** The whole of Sol in a corner: its regions, who is in sight, and the own ship. */
import { regions, world } from '../schema.ts';
import type { Ship } from './motion.ts';

const EDGE = 10;

export function drawMap(canvas: HTMLCanvasElement, own: Ship, ships: readonly Ship[]): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = Math.min(devicePixelRatio, 2);
  if (canvas.width !== Math.round(width * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const c = canvas.getContext('2d') as CanvasRenderingContext2D;
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, width, height);
  const toX = (x: number) => EDGE + ((x - world.minX) / (world.maxX - world.minX)) * (width - 2 * EDGE);
  const toY = (y: number) => EDGE + ((y - world.minY) / (world.maxY - world.minY)) * (height - 2 * EDGE);
  c.font = '10px system-ui, sans-serif';
  for (const { name, bounds } of regions) {
    const here = own.x >= bounds.minX && own.x < bounds.maxX;
    const [x, w] = [toX(bounds.minX), toX(bounds.maxX) - toX(bounds.minX)];
    c.fillStyle = here ? 'rgb(120 160 255 / 20%)' : 'rgb(120 160 255 / 7%)';
    c.fillRect(x + 1, EDGE, w - 2, height - 2 * EDGE);
    c.fillStyle = here ? '#dfe8ff' : '#8494b5';
    c.fillText(name.replace('Solar System ', ''), x + 6, height - EDGE - 5, w - 10);
  }
  for (const ship of ships) {
    c.fillStyle = ship.id === own.id ? '#ffd27a' : ship.trader ? '#7be3bb' : '#9cc6ff';
    c.beginPath();
    c.arc(toX(ship.x), toY(ship.y), ship.id === own.id ? 3 : 1.4, 0, 2 * Math.PI);
    c.fill();
  }
}
