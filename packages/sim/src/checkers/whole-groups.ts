/**
 * I3 for groups: they cross, rest and come back whole. A pet counts its master's commands; if it ever disagrees, the two were taken from
 * different moments. And nobody sees one entity twice, as would be if a former owner's copy and the new one's were both shown.
 */
import { type Checker, Violation } from './checker.ts';

export function wholeGroups(): Checker {
  const name = 'whole-groups';
  return {
    name,
    led(pet, master) {
      if (pet !== master) throw new Violation(name, `a pet has seen ${pet} commands, and its master ${master}`);
    },
    sighted(client, entities) {
      for (let i = 1; i < entities.length; i++) {
        for (let j = 0; j < i; j++) {
          if (entities[i]?.entity === entities[j]?.entity)
            throw new Violation(name, `client ${client} sees entity ${entities[i]?.entity} twice in one view`);
        }
      }
    },
  };
}
