/** Runs `fn` on a later turn, after what was asked for before. The simulator passes one of its own. */
export type Later = (fn: () => void) => void;

export const hostTurn: Later = (fn) => {
  setImmediate(fn);
};
