/** What stands around the view: where one is, figures, notices. What changes rarely is also spoken; what changes all the time is not. */
type Figure = 'at' | 'epoch' | 'ping' | 'handoffs' | 'gap';

/** A notice that play goes on again stays so long, in ms. */
const GOOD_NEWS_MS = 2500;

export class Hud {
  readonly #byId: (id: string) => HTMLElement;
  #handoffs = 0;
  #clear: ReturnType<typeof setTimeout> | undefined;

  constructor(byId: (id: string) => HTMLElement) {
    this.#byId = byId;
    setTimeout(() => byId('help').classList.add('done'), 12_000);
  }

  joining(): void {
    this.#notice('');
  }

  place(name: string): void {
    this.#byId('place').textContent = name;
    this.#speak(`You are in ${name}.`);
  }

  figure(which: Figure, text: string): void {
    const shown = this.#byId(which);
    if (shown.textContent !== text) shown.textContent = text;
  }

  ping(ms: number): void {
    if (!Number.isNaN(ms)) this.figure('ping', `${Math.round(ms)} ms`);
  }

  /** For those who do not see the picture, to be read when they want. */
  inSight(names: readonly string[]): void {
    this.#byId('in-sight').textContent = names.join('\n');
  }

  crossed(name: string, gapMs: number): void {
    this.figure('handoffs', String(++this.#handoffs));
    this.figure('gap', `${Math.round(gapMs)} ms`);
    this.place(name);
  }

  paused(name: string): void {
    this.#notice(`${name} is paused: its server is gone, another takes over. Play goes on in a moment.`);
  }

  resumed(name: string): void {
    this.#notice(`${name} plays on.`, GOOD_NEWS_MS);
  }

  connection(status: string, code: string | undefined): void {
    if (status === 'reconnecting') this.#notice('The connection is gone. Coming back …');
    else if (status === 'online') this.#notice('You are back.', GOOD_NEWS_MS);
    else if (status === 'closed') {
      this.over(
        code === 'SESSION_REPLACED' ? 'This ship is flown from another window now.' : `The flight is over (${code ?? 'ended'}).`,
      );
    }
  }

  /** Nothing goes on by itself any more. */
  over(why: string): void {
    this.#notice(`${why} `);
    const again = document.createElement('a');
    again.href = location.href;
    again.textContent = 'Fly again';
    this.#byId('notice').append(again);
  }

  #notice(text: string, ms?: number): void {
    clearTimeout(this.#clear);
    const notice = this.#byId('notice');
    notice.textContent = text;
    notice.hidden = text === '';
    if (text !== '') this.#speak(text);
    if (ms !== undefined) this.#clear = setTimeout(() => this.#notice(''), ms);
  }

  #speak(text: string): void {
    this.#byId('spoken').textContent = text;
  }
}
