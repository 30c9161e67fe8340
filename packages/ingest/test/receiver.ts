/** The receiver as it runs: a real HTTP server on a free port, the memory log, the real control log. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { type Command, type Plan, Role, type Settings, TailnetName } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { laneOf, Log, makeMemoryLog, type Topic } from "@tailrace/log"
import { Context, Effect, Layer } from "effect"
import { HttpClient, HttpClientRequest, HttpRouter } from "effect/http"
import { createHash } from "node:crypto"
import { IngestLimits, IngestRoutes } from "../src/index.ts"

const lanes = 4
export const tailnet = TailnetName.make("example.com")
export const quiet = TailnetName.make("quiet.example")
export const personal = TailnetName.make("personal.example")

export const token = "tskey-ingest-example-0123456789abcdef"
export const quietToken = "tskey-ingest-quiet-0123456789abcdef"
export const personalToken = "tskey-ingest-personal-0123456789abcdef"
export const keyOf = (role: Role) => `tskey-api-${role}-0123456789abcdef`

const hashOf = (secret: string) => createHash("sha256").update(secret).digest("hex")
const system = { id: "system", type: "AUTOMATED_WORKER", loginName: "", displayName: "System" } as const
const farAway = 4_000_000_000_000

/** The memory log, to look into and to fill up. */
export class MemoryLog extends Context.Service<MemoryLog, ReturnType<typeof makeMemoryLog>>()("test/MemoryLog") {
  static readonly layer = Layer.sync(MemoryLog, () => makeMemoryLog({ lanes }))
}

let commands = 0

/** Carries a command out as the system. */
export const execute = Effect.fnUntraced(function*(name: TailnetName, command: Command) {
  const control = yield* ControlLog
  commands++
  return yield* control.execute({
    tailnet: name,
    commandId: `command-${commands}`,
    eventGroupID: String(commands).padStart(32, "0"),
    origin: "CONTROL",
    actor: system,
    at: 0,
    command
  })
})

export const switchFlowLogs = (name: TailnetName, networkFlowLoggingOn: Settings["networkFlowLoggingOn"]) =>
  execute(name, { _tag: "ChangeSettings", changes: { networkFlowLoggingOn } })

const member = (role: Role) => ({ userId: `u-${role}`, loginName: `${role}@example.com`, displayName: role, role })
const apiKey = (secret: string, role: Role) => ({
  keyId: `k-${secret.slice(-24)}-${role}`,
  hash: hashOf(secret),
  description: "",
  expiresAt: farAway
})

const createTailnet = Effect.fnUntraced(function*(name: TailnetName, plan: Plan, secret: string) {
  const owner = member("owner")
  const key = apiKey(name === tailnet ? keyOf("owner") : `${name}-owner-key`, "owner")
  yield* execute(name, { _tag: "CreateTailnet", tailnetId: `T${name}CNTRL`, plan, owner, apiKey: key })
  yield* execute(name, { _tag: "CreateIngestToken", tokenId: `t-${name}`, hash: hashOf(secret), description: "" })
})

/** One tailnet with flow logs, one where they are switched off, one whose plan has none. */
const tailnets = Layer.effectDiscard(Effect.gen(function*() {
  yield* createTailnet(tailnet, "enterprise", token)
  yield* switchFlowLogs(tailnet, true)
  for (const role of Role.literals.filter((role) => role !== "owner")) {
    yield* execute(tailnet, { _tag: "AddMember", ...member(role) })
    yield* execute(tailnet, { _tag: "CreateApiKey", userId: `u-${role}`, ...apiKey(keyOf(role), role) })
  }
  yield* createTailnet(quiet, "enterprise", quietToken)
  yield* createTailnet(personal, "personal", personalToken)
}))

const log = Layer.effect(Log, Effect.map(MemoryLog, ({ log }) => log))

/** Everything, with small limits where given. */
export const receiver = (limits: Partial<IngestLimits> = {}) => {
  const set = Layer.effect(IngestLimits, Effect.map(IngestLimits, (defaults) => ({ ...defaults, ...limits })))
  return HttpRouter.serve(IngestRoutes, { disableLogger: true, disableListenLog: true }).pipe(
    Layer.provideMerge(tailnets),
    Layer.provideMerge(ControlLog.layer),
    Layer.provideMerge(log),
    Layer.provideMerge(MemoryLog.layer),
    Layer.provide(set),
    Layer.provideMerge(NodeHttpServer.layerTest)
  )
}

export interface Posted {
  readonly status: number
  readonly body: unknown
}

export interface Post {
  readonly body?: Uint8Array | string
  readonly authorization?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: "GET" | "POST" | "PUT" | "DELETE" | "OPTIONS"
}

const splunk = `Splunk ${token}`

/** Sends a request and reads the JSON that is answered. */
export const post = Effect.fnUntraced(function*(path: string, options: Post = {}) {
  const { authorization = splunk, body, headers = {}, method = "POST" } = options
  const bytes = typeof body === "string" ? Buffer.from(body) : body
  const request = HttpClientRequest.make(method)(path).pipe(
    HttpClientRequest.setHeaders({ ...headers, ...(authorization === "" ? {} : { authorization }) }),
    (bare) => bytes === undefined ? bare : HttpClientRequest.bodyUint8Array(bare, bytes)
  )
  const response = yield* HttpClient.execute(request)
  const text = yield* response.text
  const answer: unknown = text === "" ? undefined : JSON.parse(text)
  const posted: Posted = { status: response.status, body: answer }
  return { ...posted, headers: response.headers }
})

/** The records of a tailnet in the log, as text. */
export const logged = Effect.fnUntraced(function*(topic: Topic, name: TailnetName = tailnet) {
  const memory = yield* MemoryLog
  return memory.records(topic, laneOf(name, lanes)).filter(({ key }) => key === name).map(({ value }) =>
    Buffer.from(value ?? []).toString("utf8")
  )
})
