/** A small S3-compatible server on a folder, for the demo and for tests. */
export * from "./S3Server.ts"
