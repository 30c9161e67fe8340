/**
 * Configuration audit records as an administrator's day makes them. Same seed, same records. In the poll form without
 * `logged`, which the ingest puts in.
 */
import { Clock, DateTime, Effect, Random } from "effect"
import { laptops, type Node, people, servers } from "./Tailnet.ts"

export interface AuditRecord {
  readonly eventTime: string
  readonly eventGroupID: string
  readonly origin: string
  readonly actor: {
    readonly id: string
    readonly type: "USER"
    readonly loginName: string
    readonly displayName: string
  }
  readonly target: { readonly id: string; readonly name: string; readonly type: string; readonly property?: string }
  readonly action: string
  readonly old?: unknown
  readonly new?: unknown
}

type Act = Pick<AuditRecord, "origin" | "target" | "action" | "old" | "new">

const targetNode = (node: Node, property?: string) => ({
  id: node.nodeId,
  name: node.name,
  type: "NODE",
  ...(property === undefined ? {} : { property })
})

const login = Effect.map(Random.choice(laptops), (node): Act => ({
  origin: "NODE",
  target: targetNode(node),
  action: "LOGIN"
}))

const keyExpiry = Effect.map(Random.choice(servers), (node): Act => ({
  origin: "ADMIN_CONSOLE",
  target: targetNode(node, "KEY_EXPIRY"),
  action: "DISABLE"
}))

const tags = Effect.map(Random.choice(servers), (node): Act => ({
  origin: "ADMIN_CONSOLE",
  target: targetNode(node, "ACL_TAGS"),
  action: "UPDATE",
  old: node.tags,
  new: [...(node.tags ?? []), "tag:audited"]
}))

const magicDns = Effect.map(Random.nextBoolean, (on): Act => ({
  origin: "ADMIN_CONSOLE",
  target: { id: "example.com", name: "example.com", type: "TAILNET", property: "MAGIC_DNS" },
  action: on ? "ENABLE" : "DISABLE"
}))

const role = Effect.map(Random.choice(people), ({ id, loginName }): Act => ({
  origin: "ADMIN_CONSOLE",
  target: { id, name: loginName, type: "USER", property: "USER_ROLE" },
  action: "UPDATE",
  old: "member",
  new: "auditor"
}))

const apiKey = Effect.map(Random.nextIntBetween(1_000, 9_999), (number): Act => ({
  origin: "CONFIG_API",
  target: { id: `k${number}DEMOCNTRL`, name: "API key", type: "API_KEY" },
  action: "CREATE"
}))

const acts = [login, login, login, keyExpiry, tags, magicDns, role, apiKey] as const

const groupId = Effect.map(
  Effect.all(Array.from({ length: 32 }, () => Random.nextIntBetween(0, 15))),
  (digits) => digits.map((digit) => digit.toString(16)).join("")
)

/** One change that somebody made just now. */
export const auditRecord: Effect.Effect<AuditRecord> = Effect.gen(function*() {
  const now = yield* Clock.currentTimeMillis
  const actor = yield* Random.choice(people)
  return {
    eventTime: DateTime.formatIso(DateTime.makeUnsafe(now)),
    eventGroupID: yield* groupId,
    actor: { ...actor, type: "USER" as const },
    ...(yield* yield* Random.choice(acts))
  }
}).pipe(Effect.orDie)
