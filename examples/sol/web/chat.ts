/** The message line. What others write is text, never markup. */
const LINES_MAX = 8;

export class Chat {
  readonly #list: HTMLElement;

  /** @param send false: it was not taken, and stays in the line */
  constructor(byId: (id: string) => HTMLElement, send: (text: string) => boolean, back: () => void) {
    this.#list = byId('said');
    const line = byId('say') as HTMLInputElement;
    byId('form').addEventListener('submit', (event) => {
      event.preventDefault();
      const text = line.value.trim();
      if (text !== '' && !send(text)) return;
      line.value = '';
      back();
    });
    addEventListener('keydown', (event) => {
      if (event.target === line && event.key === 'Escape') back();
      else if (event.target !== line && event.key === 'Enter' && !(event.target instanceof HTMLAnchorElement)) {
        line.focus();
        event.preventDefault();
      }
    });
  }

  said(from: string, text: string): void {
    const item = document.createElement('li');
    const who = document.createElement('b');
    who.textContent = from;
    item.append(who, text);
    this.#list.append(item);
    while (this.#list.children.length > LINES_MAX) this.#list.firstChild?.remove();
  }
}
