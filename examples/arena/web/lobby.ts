/** What stands around the field: the way into a match, who was found, how it ended, and what it did to the rating. */
import type { Over, View, Welcome } from '../messages.ts';
import type { Rating } from '../queueing.ts';

const FEED = 5;
const FEED_MS = 4_000;
const team = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

export class Lobby {
  readonly #byId: (id: string) => HTMLElement;
  #rating: number | undefined;
  #waited: ReturnType<typeof setInterval> | undefined;

  constructor(byId: (id: string) => HTMLElement) {
    this.#byId = byId;
  }

  onPlay(fn: () => void): void {
    this.#byId('play').addEventListener('click', fn);
  }

  you(name: string, rating: Rating | undefined): void {
    this.#byId('name').textContent = name;
    this.#byId('games').textContent = rating ? String(rating.games) : '–';
    const shown = this.#byId('rating');
    shown.textContent = rating ? String(rating.rating) : '–';
    const change = rating && this.#rating !== undefined ? rating.rating - this.#rating : 0;
    if (change !== 0) {
      const by = document.createElement('span');
      by.className = change > 0 ? 'up' : 'down';
      by.textContent = ` ${change > 0 ? '+' : '−'}${Math.abs(change)}`;
      shown.append(by);
    }
    this.#rating = rating?.rating;
  }

  /** Ready to queue. */
  ready(): void {
    this.#stage('lobby');
    clearInterval(this.#waited);
    this.#show('waiting', false);
    this.#show('found', false);
    this.#button(this.#byId('result').hidden ? 'Play' : 'Play again', false, true);
  }

  waits(): void {
    this.#show('result', false);
    this.#show('trouble', false);
    this.#show('waiting', true);
    this.#why('Looking for players …');
    this.#button('Cancel', true, true);
    const sinceMs = performance.now();
    const tell = () => {
      this.#byId('waited').textContent = `${Math.floor((performance.now() - sinceMs) / 1000)} s`;
    };
    clearInterval(this.#waited);
    this.#waited = setInterval(tell, 500);
    tell();
  }

  /** `others`: who waits, too. */
  waitsWith(others: number): void {
    this.#why(
      others === 0 ? 'Looking for players …' : others === 1 ? '1 other player waits, too.' : `${others} others wait, too.`,
    );
  }

  placing(): void {
    this.#why('A match is found. Its server comes …');
    this.#button('Cancel', true, false);
  }

  begins({ players, teams, you }: Welcome): void {
    const found = this.#byId('found');
    found.replaceChildren(
      ...players.map(({ name, team: index, rating }, i) => {
        const item = document.createElement('li');
        item.className = teams[index] ?? '';
        item.textContent = `${name}${i === you ? ' (you)' : ''} ${rating || ''}`;
        return item;
      }),
    );
    this.#byId('feed').replaceChildren();
    clearInterval(this.#waited);
    this.#stage('match');
    const own = teams[players[you]?.team ?? 0] ?? '';
    const mates = players.filter(({ team: index }, i) => i !== you && index === players[you]?.team).map(({ name }) => name);
    this.#byId('hint').textContent = `You are ${own}${mates.length > 0 ? `, with ${mates.join(', ')}` : ''}.`;
    this.#speak(`The match begins. You are ${own}. ${players.length} players.`);
  }

  view({ leftMs, scores, knockouts }: View, { players, teams }: Welcome): void {
    const [red = 0, blue = 0] = scores;
    this.#text('red', String(red));
    this.#text('blue', String(blue));
    const seconds = Math.ceil(leftMs / 1000);
    this.#text('clock', `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`);
    const feed = this.#byId('feed');
    for (const { by, whom } of knockouts) {
      const item = document.createElement('li');
      const named = (index: number) => {
        const span = document.createElement('span');
        span.className = teams[players[index]?.team ?? 0] ?? '';
        span.textContent = players[index]?.name ?? '';
        return span;
      };
      item.append(named(by), ' ✕ ', named(whom));
      feed.append(item);
      while (feed.childElementCount > FEED) feed.firstElementChild?.remove();
      setTimeout(() => item.remove(), FEED_MS);
    }
  }

  over({ ranks, scores }: Over, { teams, players, you }: Welcome): void {
    const own = players[you]?.team ?? 0;
    const draw = ranks.every((rank) => rank === 1);
    const outcome = draw ? 'A draw' : ranks[own] === 1 ? 'Won' : 'Lost';
    const score = teams.map((name, i) => `${team(name)} ${scores[i] ?? 0}`).join(' : ');
    this.#ended(outcome, score);
  }

  /** The match came to no end. */
  lost(why: string): void {
    this.#ended('The match is lost', `${why.charAt(0).toUpperCase()}${why.slice(1)}. It does not count.`);
  }

  trouble(text: string): void {
    const trouble = this.#byId('trouble');
    trouble.textContent = text;
    trouble.hidden = false;
  }

  #ended(outcome: string, text: string): void {
    this.#byId('outcome').textContent = outcome;
    this.#byId('final').textContent = text;
    this.#show('result', true);
    this.ready();
    // After a match in which nobody was told of, there is nobody to show.
    const isAnybody = this.#byId('found').childElementCount > 0;
    this.#show('found', isAnybody);
    this.#show('lineup', isAnybody);
    this.#byId('play').focus();
    this.#speak(`${outcome}. ${text}`);
  }

  #stage(stage: 'lobby' | 'match'): void {
    document.body.dataset.stage = stage;
  }

  #why(text: string): void {
    this.#text('why', text);
  }

  #button(text: string, cancels: boolean, enabled: boolean): void {
    const button = this.#byId('play') as HTMLButtonElement;
    button.textContent = text;
    button.classList.toggle('cancel', cancels);
    button.disabled = !enabled;
  }

  #show(id: string, shown: boolean): void {
    this.#byId(id).hidden = !shown;
  }

  #text(id: string, text: string): void {
    const shown = this.#byId(id);
    if (shown.textContent !== text) shown.textContent = text;
  }

  #speak(text: string): void {
    this.#byId('spoken').textContent = text;
  }
}
