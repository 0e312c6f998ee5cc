/** The web client. Atlas serves it at /play/ and bundles it when it is asked for; there is nothing to build. */
import { type MatchPlace, matchmake } from 'horizon-atlas/client/matchmaking';
import { pageAccess } from 'horizon-atlas/client/page';
import type { Phase } from '../duel.ts';
import type { ToPlayer } from '../messages.ts';

const act = document.querySelector('#act') as HTMLButtonElement;
const score = document.querySelector('#score') as HTMLElement;
const notice = document.querySelector('#notice') as HTMLElement;
const words: Readonly<Record<Phase, string>> = { pause: 'Ready …', steady: 'Steady …', signal: 'Draw!', over: 'Play again' };

const access = await pageAccess().catch((error: Error) => {
  notice.textContent = error.message;
  throw error;
});
let onAct = queue;
// The moment counts: on press, not on release.
act.addEventListener('pointerdown', () => onAct());
act.addEventListener('keydown', ({ key, repeat }) => (key === ' ' || key === 'Enter') && !repeat && onAct());
act.disabled = false;
act.focus();

function queue(): void {
  onAct = () => {};
  show('Looking for somebody …', '');
  const wish = { api: '', token: access.token, queue: 'duel', attributes: { name: access.name } };
  matchmake(wish).then(play, (error: Error) => ended(error.message));
}

function play({ address, token }: MatchPlace): void {
  const socket = new WebSocket(address);
  let said: ToPlayer | undefined;
  socket.onopen = () => socket.send(JSON.stringify({ token }));
  socket.onmessage = ({ data }) => {
    said = JSON.parse(String(data)) as ToPlayer;
    const { phase, you, names, wins, last } = said;
    score.textContent = `You ${wins[you]} : ${wins[1 - you]} ${names[1 - you]}`;
    show(words[phase], phase);
    notice.textContent = last;
  };
  onAct = () => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify({ draw: true }));
  socket.onclose = ({ reason }) => {
    if (said?.phase !== 'over') return ended(reason || 'the match server is gone; another takes its place');
    const won = (said.wins[said.you] ?? 0) > (said.wins[1 - said.you] ?? 0);
    ended(`${said.last}. You have ${won ? 'won' : 'lost'}.`);
  };
}

function ended(text: string): void {
  notice.textContent = text;
  show(words.over, '');
  onAct = queue;
}

function show(text: string, phase: string): void {
  act.textContent = text;
  act.dataset.phase = phase;
}
