/** The commands. Each stands in a file of its own under commands/, with its options, its help and what it does. */
import type { Command } from 'commander';
import { bareProgram } from './bare-program.ts';
import { addAllocate, addDeployMode } from './commands/allocate.ts';
import { addAudit } from './commands/audit.ts';
import { addBench, addSim } from './commands/bench-and-sim.ts';
import { addCompletion } from './commands/completion.ts';
import { addDescribe } from './commands/describe.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDown } from './commands/down.ts';
import { addDrain } from './commands/drain.ts';
import { addEdges } from './commands/edges.ts';
import { addFleet } from './commands/fleet.ts';
import { addGameServers } from './commands/gameservers.ts';
import { addGateways } from './commands/gateways.ts';
import { addHandoffs } from './commands/handoffs.ts';
import { addInit } from './commands/init.ts';
import { addKeys } from './commands/keys.ts';
import { addKick } from './commands/kick.ts';
import { addKill } from './commands/kill.ts';
import { addLoadtest } from './commands/loadtest.ts';
import { addLogs } from './commands/logs.ts';
import { addMatch } from './commands/match.ts';
import { addMatchmaking } from './commands/mm.ts';
import { addMove } from './commands/move.ts';
import { addOpen } from './commands/open.ts';
import { addPlayers } from './commands/players.ts';
import { addRegions } from './commands/regions.ts';
import { addRestart } from './commands/restart.ts';
import { addRollout } from './commands/rollout.ts';
import { addServer } from './commands/server.ts';
import { addServers } from './commands/servers.ts';
import { addStatus } from './commands/status.ts';
import { addTicket } from './commands/ticket.ts';
import { addTop } from './commands/top.ts';
import { addUp } from './commands/up.ts';
import { addWatch } from './commands/watch.ts';
import { exitCodeHelp } from './exit-codes.ts';
import { withShared } from './options.ts';

/** In the order of the help text. A new command: a file, and its `add…` here. */
const groups: readonly (readonly [heading: string, add: readonly ((program: Command) => void)[]])[] = [
  ['Run it:', [addInit, addUp, addDown, addServer]],
  [
    'Look at it:',
    [
      addStatus,
      addRegions,
      addServers,
      addGateways,
      addEdges,
      addFleet,
      addGameServers,
      addPlayers,
      addHandoffs,
      addDescribe,
      addLogs,
      addWatch,
      addTop,
      addOpen,
    ],
  ],
  ['Matches:', [addMatchmaking, addMatch, addTicket]],
  ['Act on it:', [addKill, addDrain, addRestart, addMove, addKick, addAllocate, addDeployMode, addRollout, addKeys, addAudit]],
  ['Measure and check:', [addDoctor, addLoadtest, addBench, addSim]],
];

const footer = `
Examples:
  atlas up                            run atlas.config.ts of this folder
  atlas status                        who plays where, and how smoothly
  atlas kill alpha                    end a region's server and see it recover
  atlas server add bzflag             run a dedicated server of a game beside it
  atlas players pilot --json | jq '.items[].region'

atlas COMMAND --help has more of them.

Exit codes:
${exitCodeHelp.map(([code, text]) => `  ${String(code).padStart(3)}  ${text}`).join('\n')}`;

export function makeProgram(): Command {
  const program = bareProgram().addHelpText('after', footer);
  for (const [heading, add] of groups) {
    program.commandsGroup(heading);
    for (const each of add) each(program);
  }
  program.commandsGroup('Help:');
  addCompletion(program);
  program.helpCommand('help [command]', 'print help for a command');
  return withShared(program);
}
