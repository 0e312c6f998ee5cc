/** `horizon-atlas`: for `atlas.config.ts`, and for everybody who wants to know the release or tell errors apart. */
export {
  type AtlasConfigInput,
  type ClientEvent,
  defineAtlas,
  type Listeners,
  type MatchFunction,
  type MatchPool,
  type MatchProposal,
  type PoolTicket,
  version,
} from '@horizon-atlas/atlas';
export { AtlasError, type ErrorCode } from '@horizon-atlas/protocol';
