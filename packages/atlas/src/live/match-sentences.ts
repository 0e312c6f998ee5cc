/** What happens to fleets of game servers and to matches, as sentences: a part of the table of sentences.ts. */
import type { Sentence } from './sentences.ts';

export const matchSentences: Readonly<Record<string, Sentence>> = {
  game_server_failed: {
    type: 'gameserver.lost',
    tone: 'bad',
    // A message may have a second line, such as how a program is installed.
    text: (f) => {
      const why = f('message').replace(/\s*\n\s*/g, ' · ');
      return f('code') === 'SERVER_START_FAILED'
        ? `fleet ${f('fleet')} cannot start a server: ${why} (SERVER_START_FAILED); ${f('server')}`
        : `fleet ${f('fleet')} has lost a server: ${why} (${f('code')}), another one takes its place; ${f('server')}`;
    },
  },
  // Most of what a server goes through is daily life; who looks for it finds it at the server itself.
  game_server_state: {
    type: ({ to, replaces }) => (replaces === true ? 'gameserver.replaced' : stateTypes[String(to)]),
    tone: ({ to, replaces }) => (replaces === true ? 'good' : to === 'Unhealthy' ? 'bad' : 'plain'),
    text: (f, { to, replaces, afterMs }) =>
      replaces === true
        ? `fleet ${f('fleet')} has a server again in place of one that was lost${typeof afterMs === 'number' ? `, after ${(afterMs / 1000).toFixed(1)} s` : ''}; ${f('server')}`
        : `${f('server')} of fleet ${f('fleet')} ${stateWords[String(to)] ?? to}${f('why') === '?' ? '' : `: ${f('why')}`}`,
  },
  game_server_orphan: {
    type: 'gameserver.orphan',
    tone: 'bad',
    text: (f) => `${f('server')} runs, and no fleet knows it: it is ended`,
  },
  // Its fleet tells the same at once, with what follows from it.
  game_server_hung: { type: 'gameserver.hung', tone: 'bad', text: (f) => `${f('id')} hangs: ${f('why')}`, quiet: true },

  rollout: {
    type: ({ phase, paused, why }) =>
      paused === true
        ? 'rollout.paused'
        : phase === 'steady'
          ? 'rollout.done'
          : why !== ''
            ? 'rollout.back'
            : phase === 'canary'
              ? 'rollout.trial'
              : 'rollout.rolling',
    tone: ({ phase, paused, why }) => (phase === 'steady' ? 'good' : why !== '' && paused !== true ? 'bad' : 'plain'),
    text: (f, { phase, paused, why, previous }) => {
      if (paused === true) return `the rollout of fleet ${f('fleet')} to version ${f('version')} is paused`;
      if (phase === 'steady') return `fleet ${f('fleet')} runs version ${f('version')}`;
      if (why !== '') return `fleet ${f('fleet')} goes back to version ${f('version')}: ${f('why')}`;
      if (phase === 'canary') return `version ${f('version')} of fleet ${f('fleet')} is on trial`;
      return `version ${f('version')} of fleet ${f('fleet')} takes the place of ${previous === '' ? 'the one before' : f('previous')}`;
    },
  },

  match_formed: {
    type: 'match.formed',
    tone: 'plain',
    quiet: true,
    text: (f) => `${f('players')} players of queue ${f('queue')} form a match; ${f('match')}`,
  },
  match_begun: {
    type: 'match.begun',
    tone: 'plain',
    quiet: true,
    text: (f) => `a match of queue ${f('queue')} begins with ${f('players')} players; ${f('match')} on ${f('server')}`,
  },
  match_ended: {
    type: ({ outcome }) => (outcome === 'lost' ? 'match.lost' : 'match.ended'),
    tone: ({ outcome }) => (outcome === 'lost' ? 'bad' : 'plain'),
    quiet: true,
    text: (f, { outcome, lastedMs }) => {
      const lasted = typeof lastedMs === 'number' && lastedMs > 0 ? ` after ${Math.round(lastedMs / 1000)} s` : '';
      if (outcome === 'lost')
        return `a match of queue ${f('queue')} is lost${lasted}: its server ended before it did; ${f('match')}`;
      return `a match of queue ${f('queue')} is over${lasted}${outcome === 'finished' ? '' : ', without a result'}; ${f('match')}`;
    },
  },
  match_failed: {
    type: 'match.failed',
    tone: 'bad',
    quiet: true,
    text: (f) => `a match of queue ${f('queue')} comes to nothing: ${f('why')}; its tickets search on; ${f('match')}`,
  },
  match_filled: {
    type: 'match.filled',
    tone: 'plain',
    quiet: true,
    text: (f) => `ticket ${f('ticket')} is put into ${f('match')}`,
  },
};

const stateTypes: Readonly<Record<string, string>> = {
  Unhealthy: 'gameserver.unhealthy',
  Maintaining: 'gameserver.maintaining',
  Sleeping: 'gameserver.asleep',
};
const stateWords: Readonly<Record<string, string>> = {
  Unhealthy: 'has fallen silent',
  Maintaining: 'is taken out',
  Sleeping: 'sleeps',
};
