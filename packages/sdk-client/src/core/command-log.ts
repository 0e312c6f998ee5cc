/**
 * Reliable commands, numbered and kept until the game server covers them. This is the log from which play is rebuilt
 * after a death: what is in here can be sent again, in order, to whoever owns the player then.
 */
import { Ring } from '@horizon-atlas/base';
import { ClientFrame, limits } from '@horizon-atlas/protocol';

/** Why a command was not taken: too many are uncovered, the message is too long, or the session has no numbers left. */
export type CommandRefusal = 'COMMANDS_FULL' | 'MESSAGE_TOO_BIG' | 'SESSION_EXHAUSTED';

export interface Command {
  readonly seq: number;
  /** The whole frame, ready to be sent again. */
  readonly frame: Uint8Array<ArrayBuffer>;
}

export class CommandLog {
  readonly #kept: Ring<Command>;
  readonly #bytesMax: number;
  #bytes = 0;
  #nextSeq = 1;

  constructor(commandsMax: number, bytesMax: number) {
    this.#kept = new Ring(commandsMax);
    this.#bytesMax = bytesMax;
  }

  /** Commands not yet covered. */
  get length(): number {
    return this.#kept.length;
  }

  /** The number of the newest command; 0 before the first. */
  get lastSeq(): number {
    return this.#nextSeq - 1;
  }

  add(event: number, payload: Uint8Array): Command | CommandRefusal {
    if (payload.length > limits.clientMessageBytes) return 'MESSAGE_TOO_BIG';
    if (this.#nextSeq > limits.sequenceMax) return 'SESSION_EXHAUSTED';
    if (this.#kept.full || this.#bytes + payload.length > this.#bytesMax) return 'COMMANDS_FULL';
    const seq = this.#nextSeq++;
    const command = { seq, frame: ClientFrame.encode({ kind: 'command', seq, event, payload }) };
    this.#kept.push(command);
    this.#bytes += command.frame.length;
    return command;
  }

  /** Everything up to `seq` is durable and need not be kept. */
  cover(seq: number): void {
    for (let head = this.#kept.at(0); head !== undefined && head.seq <= seq; head = this.#kept.at(0)) {
      this.#bytes -= head.frame.length;
      this.#kept.shift();
    }
  }

  /** Calls `each` for every kept command above `seq`, in order; says how many that were. */
  replay(seq: number, each: (command: Command) => void): number {
    let count = 0;
    for (let i = 0; i < this.#kept.length; i++) {
      const command = this.#kept.at(i);
      if (command === undefined || command.seq <= seq) continue;
      each(command);
      count++;
    }
    return count;
  }

  /** Forgets everything and goes on numbering after `seq`: the session that these belonged to is over. Says how many were lost. */
  restart(seq: number): number {
    const lost = this.#kept.length;
    this.#kept.clear();
    this.#bytes = 0;
    this.#nextSeq = seq + 1;
    return lost;
  }
}
