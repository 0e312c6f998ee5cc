/** The few colours in use; all of them the identity where there are none. */
export type Formatter = (text: string) => string;

export interface Paint {
  readonly bold: Formatter;
  readonly dim: Formatter;
  readonly green: Formatter;
  readonly yellow: Formatter;
  readonly red: Formatter;
  readonly cyan: Formatter;
}

const same: Formatter = (text) => text;

export const noPaint: Paint = { bold: same, dim: same, green: same, yellow: same, red: same, cyan: same };
