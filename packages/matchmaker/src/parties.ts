/** Parties on the Store, and what they do together: one ticket, one lobby. All changes of parties come one after the other. */
import type { Store } from '@horizon-atlas/ports';
import { decodeRecord, encodeRecord, keys, PartyRecord } from '@horizon-atlas/protocol';
import { type Refusal, refuse } from './core/admission.ts';
import { makeParty, type Party, type PartyInput, stepParty } from './core/party.ts';
import type { Player } from './core/rule-set.ts';

export type PartyAnswer = { readonly ok: true; readonly party: Party | null } | Refusal;

export interface PartyNeeds {
  readonly store: Store;
  newId(prefix: string): string;
  nowMs(): number;
  /** Makes the party's ticket. */
  enqueue(
    queue: string,
    party: string,
    players: readonly Player[],
  ): Promise<{ readonly ok: true; readonly ticket: string } | Refusal>;
  /** Takes it back; a refusal: it has its match. */
  dequeue(ticket: string): Promise<Refusal | undefined>;
  changed(party: Party, gone: boolean): void;
}

export const limits = { parties: 100_000 } as const;

export class Parties {
  readonly #needs: PartyNeeds;
  readonly #parties = new Map<string, Party>();
  readonly #byPlayer = new Map<string, string>();
  #line: Promise<unknown> = Promise.resolve();

  constructor(needs: PartyNeeds) {
    this.#needs = needs;
  }

  /** `waits`: tickets that still wait; a party of another one waits no more. */
  async open(waits: (ticket: string) => boolean): Promise<void> {
    const { records } = await this.#needs.store.list(keys.parties);
    for (const { value } of records) {
      const party = decodeRecord(PartyRecord, value)?.body as Party | undefined;
      if (!party) continue;
      this.#remember(party.ticket !== '' && !waits(party.ticket) ? { ...party, ticket: '', queue: '' } : party);
    }
  }

  get(id: string): Party | undefined {
    return this.#parties.get(id);
  }

  ofPlayer(player: string): Party | undefined {
    return this.#parties.get(this.#byPlayer.get(player) ?? '');
  }

  list(): readonly Party[] {
    return [...this.#parties.values()];
  }

  create(leader: string, open: boolean): Promise<PartyAnswer> {
    return this.#inTurn(async () => {
      const own = this.#byPlayer.get(leader);
      if (own !== undefined) return refuse('PLAYER_IN_PARTY', `${leader} is in party ${own}`);
      if (this.#parties.size >= limits.parties) return refuse('PARTY_FULL', `there are ${limits.parties} parties`);
      return this.#keep(makeParty(this.#needs.newId('party'), leader, open, this.#needs.nowMs()));
    });
  }

  /** Who is in or comes in; the ticket that waits is taken back where the party changes by it. */
  act(id: string, input: Exclude<PartyInput, { kind: 'queued' | 'unqueued' }>): Promise<PartyAnswer> {
    return this.#inTurn(async () => {
      const party = this.#parties.get(id);
      if (!party) return refuse('PARTY_UNKNOWN', `there is no party ${id}`);
      if (input.kind === 'join') {
        const other = this.#byPlayer.get(input.player);
        if (other !== undefined && other !== id) return refuse('PLAYER_IN_PARTY', `${input.player} is in party ${other}`);
      }
      const tried = stepParty(party, input);
      if (!tried.ok || tried.party === party) return tried.ok ? { ok: true, party } : tried;
      const changesTicket = input.kind === 'join' || input.kind === 'leave' || input.kind === 'kick' || input.kind === 'ready';
      const base = changesTicket && party.ticket !== '' ? await this.#unqueue(party) : party;
      const step = stepParty(base, input);
      if (!step.ok) return step;
      return step.party ? this.#keep(step.party, base) : this.#forget(base);
    });
  }

  /** All of them, as one ticket. */
  queue(id: string, by: string, queue: string): Promise<PartyAnswer> {
    return this.#inTurn(async () => {
      const party = this.#parties.get(id);
      if (!party) return refuse('PARTY_UNKNOWN', `there is no party ${id}`);
      if (party.leader !== by) return refuse('PARTY_REFUSED', `only ${party.leader} leads party ${id}`);
      if (party.ticket !== '') return refuse('PARTY_STATE', `it waits in queue ${party.queue} already`);
      const busy = party.members.filter(({ ready }) => !ready).map(({ player }) => player);
      if (busy.length > 0) return refuse('PARTY_STATE', `not everybody is ready: ${busy.join(', ')}`);
      const players = party.members.map(({ player, attributes, latencyMs }) => ({ id: player, attributes, latencyMs }));
      const made = await this.#needs.enqueue(queue, id, players);
      if (!made.ok) return made;
      return this.#step(party, { kind: 'queued', ticket: made.ticket, queue });
    });
  }

  /** Out of the queue again; the party stays. */
  dequeue(id: string, by: string): Promise<PartyAnswer> {
    return this.#inTurn(async () => {
      const party = this.#parties.get(id);
      if (!party) return refuse('PARTY_UNKNOWN', `there is no party ${id}`);
      if (!party.members.some(({ player }) => player === by)) return refuse('PARTY_REFUSED', `${by} is not in party ${id}`);
      if (party.ticket === '') return refuse('PARTY_STATE', 'it waits in no queue');
      const refusal = await this.#needs.dequeue(party.ticket);
      if (refusal) return refusal;
      return { ok: true, party: this.#parties.get(id) ?? null };
    });
  }

  /** Its ticket is over. `match`: empty if it came to none. */
  ticketOver(id: string, ticket: string, match: string): void {
    const party = this.#parties.get(id);
    if (party?.ticket === ticket) void this.#step(party, { kind: 'unqueued', match });
  }

  async #unqueue(party: Party): Promise<Party> {
    await this.#needs.dequeue(party.ticket);
    const now = this.#parties.get(party.id) ?? party;
    return now.ticket === '' ? now : { ...now, ticket: '', queue: '' };
  }

  #step(party: Party, input: PartyInput): Promise<PartyAnswer> {
    const step = stepParty(party, input);
    return step.ok && step.party ? this.#keep(step.party, party) : Promise.resolve(step.ok ? { ok: true, party } : step);
  }

  /** In memory at once, because whoever asks next must see it; told once it is durable. */
  async #keep(party: Party, before?: Party): Promise<PartyAnswer> {
    this.#remember(party, before);
    const op = {
      op: 'put' as const,
      key: keys.party(party.id),
      value: encodeRecord(PartyRecord, { party: party.id, body: party }),
    };
    const result = await this.#needs.store.transact([op]);
    if (!result.ok) {
      if (this.#parties.get(party.id) === party) this.#undo(party, before);
      return refuse(result.code, 'the party could not be kept');
    }
    this.#needs.changed(party, false);
    return { ok: true, party: this.#parties.get(party.id) ?? party };
  }

  async #forget(party: Party): Promise<PartyAnswer> {
    const result = await this.#needs.store.transact([{ op: 'delete', key: keys.party(party.id) }]);
    if (!result.ok) return refuse(result.code, 'the party could not be ended');
    this.#undo(party, undefined);
    this.#needs.changed(party, true);
    return { ok: true, party: null };
  }

  #remember(party: Party, before?: Party): void {
    for (const { player } of before?.members ?? []) this.#byPlayer.delete(player);
    for (const { player } of party.members) this.#byPlayer.set(player, party.id);
    this.#parties.set(party.id, party);
  }

  #undo(party: Party, before: Party | undefined): void {
    for (const { player } of party.members) this.#byPlayer.delete(player);
    if (before) this.#remember(before);
    else this.#parties.delete(party.id);
  }

  #inTurn(act: () => Promise<PartyAnswer>): Promise<PartyAnswer> {
    const done = this.#line.then(act);
    this.#line = done.catch(() => {});
    return done;
  }
}
