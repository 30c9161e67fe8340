/** For processes that deliver. */
export * as Delivering from "./Delivering.ts"
