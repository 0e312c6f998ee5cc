/** What a configuration needs of regions, without the coordinator: who only reads one, such as `atlas up`, loads no more. */
export { defaultPolicy } from './core/policy.ts';
