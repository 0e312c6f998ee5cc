/**
 * Who may connect and how fast anybody may speak: token buckets for each address and each connection.
 * An address is a word of the host's; for IPv6 it should stand for the /64 network, which is what one customer gets.
 */
import type { ErrorCode } from '@horizon-atlas/protocol';
import type { GatewayPolicy, Rate } from './policy.ts';

export class Bucket {
  #tokens: number;
  #atMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#tokens = rate.burst;
    this.#atMs = nowMs;
  }

  /** False: there are not `cost` tokens, and none were taken. */
  take(rate: Rate, cost: number, nowMs: number): boolean {
    if (nowMs > this.#atMs) {
      this.#tokens = Math.min(rate.burst, this.#tokens + ((nowMs - this.#atMs) * rate.perS) / 1000);
      this.#atMs = nowMs;
    }
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }

  /** Full again: nothing would be lost by forgetting it. */
  rested(rate: Rate, nowMs: number): boolean {
    return this.#tokens + ((nowMs - this.#atMs) * rate.perS) / 1000 >= rate.burst;
  }
}

/** What is known of one address. */
export class Address {
  readonly name: string;
  readonly connects: Bucket;
  readonly messages: Bucket;
  connections = 0;

  constructor(name: string, policy: GatewayPolicy, nowMs: number) {
    this.name = name;
    this.connects = new Bucket(policy.connectsPerAddress, nowMs);
    this.messages = new Bucket(policy.messagesPerAddress, nowMs);
  }
}

export class Admission {
  readonly #policy: GatewayPolicy;
  readonly #addresses = new Map<string, Address>();
  #connections = 0;

  constructor(policy: GatewayPolicy) {
    this.#policy = policy;
  }

  get connections(): number {
    return this.#connections;
  }

  /** Counts a connection in, or says why not. One that was let in must be let `out` again. */
  enter(name: string, nowMs: number): Address | ErrorCode {
    const policy = this.#policy;
    if (this.#connections >= policy.connectionsMax) return 'CONNECTIONS_FULL';
    let address = this.#addresses.get(name);
    if (address === undefined) {
      if (this.#addresses.size >= policy.addressesMax) this.#forgetRested(nowMs);
      if (this.#addresses.size >= policy.addressesMax) return 'RATE_LIMITED';
      address = new Address(name, policy, nowMs);
      this.#addresses.set(name, address);
    }
    if (address.connections >= policy.connectionsPerAddress) return 'RATE_LIMITED';
    if (!address.connects.take(policy.connectsPerAddress, 1, nowMs)) return 'RATE_LIMITED';
    address.connections++;
    this.#connections++;
    return address;
  }

  leave(address: Address): void {
    address.connections--;
    this.#connections--;
  }

  #forgetRested(nowMs: number): void {
    const { connectsPerAddress, messagesPerAddress } = this.#policy;
    for (const [name, each] of this.#addresses) {
      const rested = each.connects.rested(connectsPerAddress, nowMs) && each.messages.rested(messagesPerAddress, nowMs);
      if (each.connections === 0 && rested) this.#addresses.delete(name);
    }
  }
}
