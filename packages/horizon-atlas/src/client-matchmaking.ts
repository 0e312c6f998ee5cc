/** `horizon-atlas/client/matchmaking`: queue a player, and be told where to play. */
export * from '@horizon-atlas/sdk-client/matchmaking';
