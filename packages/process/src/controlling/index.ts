/** For processes that serve the API. */
export * from "./FirstTailnet.ts"
export * from "./News.ts"
export * from "./Noticing.ts"
