/** All or nothing on the log's file; no statement stays open behind it. */
import type { DatabaseSync } from "node:sqlite"

export const inTransaction = <A>(db: DatabaseSync, work: () => A): A => {
  db.exec("BEGIN IMMEDIATE")
  try {
    const result = work()
    db.exec("COMMIT")
    return result
  } catch (error) {
    // A full disk rolls back by itself (https://sqlite.org/lang_transaction.html).
    if (db.isTransaction) db.exec("ROLLBACK")
    throw error
  }
}
