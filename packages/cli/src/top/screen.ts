/** The terminal of `atlas top`: the other screen, keys one by one, and everything put back as it was found, however it ends. */
export interface TopTerminal {
  readonly columns: number;
  readonly rows: number;
  draw(lines: readonly string[]): void;
  /** Puts everything back. Once is enough, twice does no harm. */
  close(): void;
}

export function openScreen(onKeys: (chunk: string) => void, onResize: () => void): TopTerminal {
  const { stdin, stdout } = process;
  let open = true;
  const hear = (chunk: string) => onKeys(chunk);
  const close = () => {
    if (!open) return;
    open = false;
    stdin.off('data', hear);
    stdout.off('resize', onResize);
    process.off('exit', close);
    stdin.setRawMode(false);
    stdin.pause();
    // Cursor and the screen from before.
    stdout.write('\x1b[?25h\x1b[?1049l');
  };
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.on('data', hear);
  stdout.on('resize', onResize);
  // A crash, too, leaves a usable terminal.
  process.once('exit', close);
  stdout.write('\x1b[?1049h\x1b[?25l');
  return {
    get columns() {
      return stdout.columns || 80;
    },
    get rows() {
      return stdout.rows || 24;
    },
    draw(lines) {
      if (open) stdout.write(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`);
    },
    close,
  };
}
