export * from "./ControlLog.ts"
export * from "./Secrets.ts"
