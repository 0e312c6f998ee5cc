declare module 'gamedig' {
  interface Found {
    readonly maxplayers?: number;
    readonly numplayers?: number;
    readonly players: readonly { readonly name?: string }[];
  }
  interface Question {
    readonly type: string;
    readonly host: string;
    readonly port: number;
    readonly maxRetries: number;
    readonly socketTimeout: number;
    readonly attemptTimeout: number;
    readonly givenPortOnly: boolean;
    readonly portCache: boolean;
  }
  export const games: Readonly<Record<string, unknown>>;
  export const GameDig: { query(question: Question): Promise<Found> };
}
