export * from "./Compression.ts"
export * from "./Spool.ts"
