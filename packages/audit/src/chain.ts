/** Follows the chain line by line, file by file, and says where it does not hold. */
import { type AuditEntry, hashOf, noHash, parseEntry, withoutHash } from './entry.ts';

/** The first line of each file: where in the chain it begins. */
export interface FileHead {
  readonly audit: 1;
  readonly firstSeq: number;
  readonly previous: string;
}

export interface ChainProblem {
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

export const formatHead = (head: FileHead): string => `${JSON.stringify(head)}\n`;

export function parseHead(line: string): FileHead | undefined {
  try {
    const head = JSON.parse(line) as FileHead;
    return head.audit === 1 && Number.isSafeInteger(head.firstSeq) && typeof head.previous === 'string' ? head : undefined;
  } catch {
    return undefined;
  }
}

export class Chain {
  firstSeq = 0;
  lastSeq = 0;
  lastHash = noHash;
  entries = 0;
  readonly problems: ChainProblem[] = [];
  #file = '';
  #line = 0;

  /** `line`: the file's first one. */
  begin(file: string, line: string): void {
    this.#file = file;
    this.#line = 1;
    const head = parseHead(line);
    if (!head) {
      this.#complain('the head of the file is not one');
      return;
    }
    if (this.firstSeq === 0) {
      // Older files may have been removed by rotation: the chain begins where what is left begins.
      this.firstSeq = head.firstSeq;
      if (head.firstSeq === 1 && head.previous !== noHash) this.#complain('the first file does not begin the chain');
    } else {
      if (head.firstSeq !== this.lastSeq + 1) this.#complain(`it begins with ${head.firstSeq}; ${this.lastSeq + 1} is missing`);
      else if (head.previous !== this.lastHash) this.#complain('it does not follow the file before it');
    }
    this.lastSeq = head.firstSeq - 1;
    this.lastHash = head.previous;
  }

  add(line: string): void {
    this.#line++;
    const entry = parseEntry(line);
    if (!entry) {
      this.#complain('not an entry');
      return;
    }
    this.#check(entry);
    this.entries++;
    // From here on by what the line says: one wrong line is one complaint, not one for all that follow.
    this.lastSeq = entry.seq;
    this.lastHash = entry.hash;
  }

  #check(entry: AuditEntry): void {
    if (entry.seq !== this.lastSeq + 1) this.#complain(`it has the number ${entry.seq} where ${this.lastSeq + 1} was expected`);
    else if (hashOf(this.lastHash, withoutHash(entry)) !== entry.hash)
      this.#complain(`entry ${entry.seq} has been changed, or one before it`);
  }

  #complain(what: string): void {
    if (this.problems.length < 100) this.problems.push({ file: this.#file, line: this.#line, what });
  }
}
