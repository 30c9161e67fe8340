/** Commands of one demo tailnet, as the API would make them. */
import { type Actor, type Command, type CommandEnvelope, type DestinationConfig, DestinationId } from "@tailrace/domain"
import { TailnetName, type Upload } from "@tailrace/domain"

export const tailnet = TailnetName.make("example.com")
export const at = Date.UTC(2026, 6, 27, 12, 10, 27, 129)
export const hash = "ab".repeat(32)
export const dst = (name: string): DestinationId => DestinationId.make(`dst_${name}`)

export const system: Actor = {
  id: "tailrace",
  type: "AUTOMATED_WORKER",
  loginName: "",
  displayName: "Tailrace"
}

export const user = (id: string): Actor => ({
  id,
  type: "USER",
  loginName: `${id}@example.com`,
  displayName: id.toUpperCase()
})

export const owner = user("alice")

export const s3: DestinationConfig = {
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

export const by = (actor: Actor, commandId: string, command: Command): CommandEnvelope => ({
  tailnet,
  commandId,
  eventGroupID: "f846956bdb059dc565e74ad4503580bb",
  origin: "CONFIG_API",
  actor,
  at,
  command
})

export const createTailnet: Command = {
  _tag: "CreateTailnet",
  tailnetId: "T9D5BAF788833CNTRL",
  plan: "enterprise",
  owner: { userId: "alice", loginName: "alice@example.com", displayName: "ALICE", role: "owner" },
  apiKey: { keyId: "key1", hash, description: "first", expiresAt: at + 1 }
}

export const addMember = (userId: string, role: "admin" | "member" | "auditor" | "it-admin"): Command => ({
  _tag: "AddMember",
  userId,
  loginName: `${userId}@example.com`,
  displayName: userId.toUpperCase(),
  role
})

export const createDestination = (name: string): Command => ({
  _tag: "CreateDestination",
  destination: dst(name),
  logType: "configuration",
  name,
  start: { _tag: "At", offsets: [0, 0] },
  config: s3,
  upload,
  secretVersion: "v1"
})
