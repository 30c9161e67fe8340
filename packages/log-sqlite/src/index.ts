export * as LogSqlite from "./LogSqlite.ts"
export type { LogSqliteOptions, SqliteLog } from "./LogSqlite.ts"
export * from "./OpenError.ts"
