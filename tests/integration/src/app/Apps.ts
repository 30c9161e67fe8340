/** The apps that run by themselves, on a cluster of their own prefix. */
import { Effect, Option, Redacted, Schema } from "effect"
import { zstdContent } from "../checker/zstdContent.ts"
import { eventually } from "../eventually.ts"
import type { KafkaSite } from "../kafka/KafkaSite.ts"
import { auditRecord } from "../kill/SampleRecord.ts"
import type { Bucket } from "../s3/Bucket.ts"
import { accessKeyId, secretAccessKey } from "../s3/S3ServerKind.ts"
import { bucketName } from "../s3/S3Site.ts"
import { ask, askWell } from "./Ask.ts"
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

const records = "/api/v2/tailnet/-/logging/configuration/records"

/** Posts one audit record of this id; answers the status. */
export const produce = (ingestUrl: string, token: string, id: string) =>
  Effect.map(
    ask(ingestUrl, { method: "POST", path: records, body: auditRecord(id, 1), authorization: `Bearer ${token}` }),
    Option.map(({ status }) => status)
  )

/** Audit records go to the store, every five seconds. */
export const makeDestination = (controlUrl: string, storeUrl: string) =>
  askWell(controlUrl, {
    method: "POST",
    path: "/api/v2/tailnet/-/logging/configuration/destinations",
    body: JSON.stringify({
      destinationType: "s3",
      url: storeUrl,
      s3Bucket: bucketName,
      s3KeyPrefix: "audit/",
      s3AccessKeyId: accessKeyId,
      s3SecretAccessKey: Redacted.value(secretAccessKey),
      compressionFormat: "zstd",
      uploadPeriodSeconds: 5
    })
  })

/** The contents of all objects, once the record of this id is in them. */
export const deliveredWith = (bucket: Bucket, id: string) =>
  bucket.keys("audit/").pipe(
    Effect.map((keys) => keys.filter((key) => key.endsWith(".zst"))),
    Effect.flatMap(Effect.forEach((key) => bucket.get(key))),
    Effect.flatMap((bodies) => Effect.promise(() => Promise.all(bodies.map(zstdContent)))),
    Effect.map((contents) => Buffer.concat(contents).toString()),
    (text) => eventually(text, { what: `record ${id}`, seconds: 60, holds: (delivered) => delivered.includes(id) })
  )
