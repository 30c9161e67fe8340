/** A demo tailnet for tests: commands as the API would make them, and what becomes of them. */
import { Result } from "effect"
import type { Actor, Command, CommandEnvelope, Plan, Refusal, Role, TailnetState } from "../src/index.ts"
import { DestinationId, type S3Config, Tailnet, TailnetName, type Upload } from "../src/index.ts"

export const name = TailnetName.make("example.com")
export const at = Date.UTC(2026, 6, 27, 12, 10, 27, 129)
export const day = 86_400_000
export const hash = "ab".repeat(32)
export const dst = (id: string): DestinationId => DestinationId.make(`dst_${id}`)

export const system: Actor = { id: "tailrace", type: "AUTOMATED_WORKER", loginName: "", displayName: "Tailrace" }
export const user = (id: string): Actor => ({
  id,
  type: "USER",
  loginName: `${id}@example.com`,
  displayName: id.toUpperCase()
})

export const s3: S3Config = {
  _tag: "s3",
  url: "",
  bucket: "example-export-bucket",
  region: "us-east-1",
  keyPrefix: "",
  accessKeyId: "AKIAEXAMPLE",
  addressing: "auto"
}
export const upload: Upload = {
  periodMinutes: 1,
  periodSeconds: 60,
  codec: "zstd",
  keyLayout: "documented",
  emptyWindows: "none"
}
export const version = { config: s3, upload, secretVersion: "v1" }

export const createTailnet = (plan: Plan): Command => ({
  _tag: "CreateTailnet",
  tailnetId: "T9D5BAF788833CNTRL",
  plan,
  owner: { userId: "owner", loginName: "owner@example.com", displayName: "OWNER", role: "owner" },
  apiKey: { keyId: "k0", hash, description: "first", expiresAt: at + day }
})

export const addMember = (userId: string, role: Role): Command => ({
  _tag: "AddMember",
  userId,
  loginName: `${userId}@example.com`,
  displayName: userId.toUpperCase(),
  role
})

export const create = (id: string, change: Partial<Extract<Command, { _tag: "CreateDestination" }>> = {}): Command => ({
  _tag: "CreateDestination",
  ...version,
  destination: dst(id),
  logType: "configuration",
  name: id,
  start: { _tag: "At", offsets: [0, 0] },
  ...change
})

export const put = (id: string, change: Partial<Extract<Command, { _tag: "PutStream" }>> = {}): Command => ({
  _tag: "PutStream",
  ...version,
  logType: "configuration",
  newDestination: dst(id),
  start: { _tag: "At", offsets: [0, 0] },
  ...change
})

/** One tailnet that commands are sent to one after the other, folded as the control log folds it. */
export interface Demo {
  fold: Tailnet.TailnetFold | undefined
  commands: number
  /** The time of what is sent next, if it matters. */
  at?: number
}

export const envelope = (actor: Actor, command: Command, commandId = "c"): CommandEnvelope => ({
  tailnet: name,
  commandId,
  eventGroupID: "f846956bdb059dc565e74ad4503580bb",
  origin: "CONFIG_API",
  actor,
  at,
  command
})

/** Decides and folds; the decision is the answer. */
export const send = (demo: Demo, actor: Actor, command: Command): Tailnet.Decision => {
  const sent = { ...envelope(actor, command, `c${++demo.commands}`), at: demo.at ?? at }
  const decision = Tailnet.decide(demo.fold?.state, sent)
  if (Result.isSuccess(decision) && decision.success.length > 0) {
    const record = Tailnet.recordOf(sent, demo.fold?.state.version ?? 0, decision.success)
    const after = Tailnet.take(demo.fold, { record, lane: 0, offset: demo.commands })
    if (after === undefined) throw new Error(`what was decided was not taken: ${command._tag}`)
    demo.fold = after
  }
  return decision
}

/** A tailnet with one member of each role, whose user id is the role. */
export const demo = (plan: Plan = "enterprise"): Demo => {
  const made: Demo = { fold: undefined, commands: 0 }
  send(made, system, createTailnet(plan))
  for (const role of ["admin", "network-admin", "it-admin", "billing-admin", "auditor", "member"] as const) {
    send(made, user("owner"), addMember(role, role))
  }
  return made
}

export const stateOf = ({ fold }: Demo): TailnetState => {
  if (fold === undefined) throw new Error("the tailnet does not exist")
  return fold.state
}

/** Tags of the events, or `Refusal: message`. */
export const outcome = (decision: Tailnet.Decision): ReadonlyArray<string> | string =>
  Result.match(decision, {
    onSuccess: (events) => events.map(({ _tag }) => _tag),
    onFailure: (refusal: Refusal) => `${refusal._tag}: ${refusal.message}`
  })
