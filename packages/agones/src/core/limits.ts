/** How much a game server may say of itself, and what it is answered beyond. */
export const agonesLimits = {
  /** Kubernetes' bounds for labels, which selectors are written for. Beyond: METADATA_INVALID. */
  labelKeyChars: 63,
  labelValueChars: 63,
  /** As fleet has it. Beyond: METADATA_INVALID. */
  annotationValueBytes: 4096,
  /** Keys of one server, labels and annotations each; as fleet has it. Beyond: METADATA_INVALID. */
  keys: 64,
  /** Of a list, as with Agones. Beyond: OUT_OF_RANGE. */
  listCapacity: 1000,
  /** One value of a list, one player's id. Beyond: REQUEST_INVALID. */
  valueBytes: 256,
  /** One call. Beyond: RESOURCE_EXHAUSTED by gRPC, 413 by REST. */
  messageBytes: 512 * 1024,
  /** Open at once, of one server. Beyond: closed at once. */
  connections: 32,
  /** Watches of one server. Beyond: RATE_LIMITED. */
  watches: 32,
} as const;

/** What the SDK sets is told apart from what the operator set by this, as with Agones. */
export const sdkPrefix = 'agones.dev/sdk-';
