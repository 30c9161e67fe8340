/** For processes that take records. */
export * from "./IngestSettings.ts"
