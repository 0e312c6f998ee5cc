/**
 * The ground of the last frames as one picture. Regions change once a second and the camera mostly stands still, but labels, hatching and grid cost
 * more than ten thousand players do: so they are drawn once and copied until something of them changes.
 */
import { paintGround } from './paint-regions.ts';
import type { Picture } from './picture.ts';

type Ground = Pick<Picture, 'camera' | 'size' | 'palette' | 'regions' | 'covered'>;

export class GroundLayer {
  readonly #canvas = document.createElement('canvas');
  readonly #context = this.#canvas.getContext('2d', { alpha: false }) as CanvasRenderingContext2D;
  /** What the last frame was drawn from. */
  #last: Ground | undefined;
  #isDrawn = false;

  /** Onto a canvas with `ratio` pixels to a CSS pixel. */
  paint(picture: Picture, ratio: number): void {
    const same = this.#last !== undefined && isSame(this.#last, picture) && !isAnimated(picture);
    this.#isDrawn &&= same;
    this.#last = picture;
    // While it changes with each frame, a copy would only be one more thing to do.
    if (!same) return paintGround(picture);
    const { context } = picture;
    if (!this.#isDrawn) {
      this.#canvas.width = context.canvas.width;
      this.#canvas.height = context.canvas.height;
      this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
      paintGround({ ...picture, context: this.#context });
      this.#isDrawn = true;
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.#canvas, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }
}

function isSame(a: Ground, b: Ground): boolean {
  const [was, is] = [a.camera, b.camera];
  return (
    a.regions === b.regions &&
    a.palette === b.palette &&
    a.covered === b.covered &&
    a.size === b.size &&
    was.x === is.x &&
    was.y === is.y &&
    was.scale === is.scale
  );
}

const isAnimated = ({ calm, regions }: Picture): boolean =>
  !calm && regions.some(({ look }) => look === 'starting' || look === 'recovering');
