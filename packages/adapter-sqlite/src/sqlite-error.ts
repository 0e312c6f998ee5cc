/** SQLite's result codes (sqlite.org/rescode.html) in Atlas's words. */

const BUSY = 5;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;

export type Trouble = 'full' | 'corrupt' | 'busy' | 'other';

/** What kind of trouble an error of `node:sqlite` stands for. Errors that are not SQLite's are bugs and are thrown again. */
export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') throw error;
  // The low byte is the primary code; the rest says more about it.
  switch (error.errcode & 0xff) {
    case FULL:
      return 'full';
    case CORRUPT:
    case NOT_A_DATABASE:
      return 'corrupt';
    case BUSY:
      return 'busy';
    default:
      return 'other';
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
