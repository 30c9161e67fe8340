/**
 * The tables of the log file. Each lane of each topic has a table of batches whose rowid is the batch's first offset,
 * so that appending only ever touches the right edge of a tree, and retention its left edge. Small columns come first:
 * reading them does not touch the blobs.
 */
import type { Lane, Topic } from "@tailrace/log"
import type { DatabaseSync } from "node:sqlite"

/** "TRLG": marks the file as ours (PRAGMA application_id). */
export const applicationId = 0x54524c47

/** Version of the tables and of the batch format (PRAGMA user_version). */
export const formatVersion = 1

export const pageBytes = 16_384

export const tableOf = (topic: Topic, lane: Lane): string => `${topic}_${lane}`

const laneTable = `CREATE TABLE lane(
  topic TEXT NOT NULL,
  lane INTEGER NOT NULL,
  earliest INTEGER NOT NULL,
  next INTEGER NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY(topic, lane)
) WITHOUT ROWID;`

const batchTable = (topic: Topic, lane: Lane): string =>
  `CREATE TABLE ${tableOf(topic, lane)}(
  base INTEGER PRIMARY KEY,
  next INTEGER NOT NULL,
  count INTEGER NOT NULL,
  time INTEGER NOT NULL,
  columns BLOB NOT NULL,
  bytes BLOB NOT NULL
);
INSERT INTO lane VALUES ('${topic}', ${lane}, 0, 0, 0);`

/** Makes all tables at once: a process killed in between leaves none. */
export const createTables = (db: DatabaseSync, topics: ReadonlyArray<Topic>, lanes: number): void => {
  const numbers = Array.from({ length: lanes }, (_, lane) => lane)
  const tables = topics.flatMap((topic) => numbers.map((lane) => batchTable(topic, lane)))
  db.exec(`BEGIN IMMEDIATE;
PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${formatVersion};
${[laneTable, ...tables].join("\n")}
COMMIT`)
}
