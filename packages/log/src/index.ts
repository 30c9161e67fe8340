export * from "./Chunk.ts"
export * from "./Log.ts"
export * from "./LogError.ts"
