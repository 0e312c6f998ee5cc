/**
 * The shape of the database, as numbered steps: step n brings a database from version n − 1 to n (`PRAGMA user_version`).
 * Steps that were released are never edited; a change is a new step at the end.
 */
export const migrations: readonly string[] = [
  // `version` stands before `value`, so that comparing versions does not walk through the pages of a large value.
  `CREATE TABLE records (
     key TEXT NOT NULL PRIMARY KEY,
     version INTEGER NOT NULL,
     value BLOB NOT NULL
   ) STRICT;
   CREATE TABLE revision (
     one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
     revision INTEGER NOT NULL
   ) STRICT;
   INSERT INTO revision VALUES (1, 0);`,
];
