/** The apps that run by themselves, on a cluster of their own prefix. */
import { Effect, Schema } from "effect"
import type { KafkaSite } from "../kafka/KafkaSite.ts"
import { askWell } from "./Ask.ts"
import { type Program, start } from "./Program.ts"
import { ownerKey, type Running, type Settings } from "./Tailrace.ts"

export type AppName = "tailrace" | "control" | "ingest" | "delivery"

/** What all processes of one installation are given. */
export const clusterSettings = (site: KafkaSite, prefix: string): Settings => ({
  TAILRACE_KAFKA_BROKERS: site.brokers.join(","),
  TAILRACE_KAFKA_PREFIX: prefix,
  TAILRACE_LANES: "2",
  TAILRACE_LISTEN: "127.0.0.1:0",
  TAILRACE_MASTER_KEY: "0a".repeat(32),
  TAILRACE_BOOTSTRAP_KEY: ownerKey,
  TAILRACE_ALLOW_ENDPOINTS: "127.0.0.0/8"
})

/** A machine that is busy with many processes starts one slowly. */
const startSeconds = 60

/** Where the process says that it listens. */
export const urlOf = (program: Program) =>
  Effect.map(program.seen(/ at (https?:\/\/\S+)/, startSeconds), ([, url = ""]): Running => ({ program, url }))

/** From its source; it serves when this returns, and runs until the scope closes. */
export const startApp = (app: AppName, settings: Settings) =>
  Effect.flatMap(start({ file: `apps/${app}/src/main.ts`, env: settings }), urlOf)

const Token = Schema.fromJsonString(Schema.Struct({ token: Schema.String }))

/** A token for ingest, made by the Owner. */
export const ingestToken = (controlUrl: string) =>
  askWell(controlUrl, { method: "POST", path: "/api/v2/tailnet/-/ingest-tokens", body: "{}" }).pipe(
    Effect.flatMap(Schema.decodeEffect(Token)),
    Effect.map(({ token }) => token)
  )
