/**
 * Secrets of destinations: encrypted (AES-256-GCM, one data key for each version, wrapped by the master key) in the
 * compacted topic `secrets`, named by version in events, and shredded by a tombstone. Write-only for everybody but
 * the sender.
 */
import type { TailnetName } from "@tailrace/domain"
import { laneOf, Log, type LogError, LogUnavailable } from "@tailrace/log"
import { Context, Effect, Layer, Option, Redacted, Result, Schema } from "effect"
import { makeLaneFold } from "./LaneFold.ts"
import { hashKeyOf, type MasterKey, masterKeyId, openSecret, sealSecret, SecretRandom } from "./SecretCipher.ts"
import { checkKey, type KeyCheck, keyCheckLane, makeSecretFold } from "./SecretFold.ts"

/** Names one version of one secret. The tailnet decides the lane. */
export interface SecretRef {
  readonly tailnet: TailnetName
  readonly destination: string
  readonly version: string
}

/** The secrets of this log were sealed under another master key. The process is to end with this sentence. */
export class WrongMasterKey extends Schema.TaggedError<WrongMasterKey>()("WrongMasterKey", {}) {
  readonly isRetryable = false
  override get message(): string {
    return "the master key is not the one that the secrets of this log were encrypted with"
  }
}

const nameOf = ({ destination, tailnet, version }: SecretRef) => `${tailnet}/${destination}/${version}`

/** The first key that a log has seen is its key: of two first starts at once, one loses and takes its mark back. */
const proveMasterKey = Effect.fnUntraced(function*(log: Log["Service"], check: KeyCheck, masterKey: MasterKey) {
  const id = masterKeyId(masterKey)
  const append = (value: Uint8Array | null) =>
    Effect.andThen(log.append("secrets", keyCheckLane, [{ key: checkKey(id), value }]), check.reachEnd)
  if (check.first() === undefined) yield* append(new TextEncoder().encode("{\"format\":1}"))
  if (check.first() === id) return id
  if (check.has(id)) yield* append(null)
  return yield* new WrongMasterKey()
})

export class Secrets extends Context.Service<Secrets, {
  /** Durable when it returns; written before the event that names it. */
  put(ref: SecretRef, secret: Redacted.Redacted): Effect.Effect<void, LogError>
  /** None: never written, or shredded. Waits for the fold of the topic. */
  get(ref: SecretRef): Effect.Effect<Option.Option<Redacted.Redacted>, LogError>
  shred(ref: SecretRef): Effect.Effect<void, LogError>
  /** 32 bytes that only hashes of values in the tailnet's records are made with; the same as long as the log lives. */
  hashKey(tailnet: TailnetName): Redacted.Redacted<Uint8Array>
}>()("@tailrace/event-store/Secrets") {
  /** Keeps the ciphertexts of all lanes in memory; a secret is opened only for as long as `get`'s caller holds it. */
  static readonly layer = (
    { masterKey }: { readonly masterKey: MasterKey }
  ): Layer.Layer<Secrets, WrongMasterKey | LogError, Log> =>
    Layer.effect(
      Secrets,
      Effect.gen(function*() {
        const log = yield* Log
        const seal = sealSecret(masterKey, yield* SecretRandom)
        const secrets = makeSecretFold()
        const fold = yield* makeLaneFold<never>({
          topic: "secrets",
          start: (lane) => Effect.map(log.bounds("secrets", lane), ({ earliest }) => earliest),
          apply: secrets.apply
        })
        yield* fold.firstPass
        yield* proveMasterKey(log, { ...secrets, reachEnd: fold.reachEnd(keyCheckLane) }, masterKey)

        const append = ({ ref, value }: { readonly ref: SecretRef; readonly value: Uint8Array | null }) =>
          Effect.asVoid(log.append("secrets", laneOf(ref.tailnet, log.lanes), [{ key: nameOf(ref), value }]))

        const get = Effect.fn("Secrets.get")(function*(ref: SecretRef) {
          yield* fold.reachEnd(laneOf(ref.tailnet, log.lanes))
          const sealed = secrets.get(nameOf(ref))
          if (sealed === undefined) return Option.none<Redacted.Redacted>()
          const opened = openSecret(masterKey, nameOf(ref), sealed)
          if (Result.isSuccess(opened)) return Option.some(opened.success)
          const reason = `the secret ${nameOf(ref)} cannot be opened: ${opened.failure}`
          return yield* new LogUnavailable({ reason })
        })

        return Secrets.of({
          put: (ref, secret) => Effect.suspend(() => append({ ref, value: seal(nameOf(ref), secret) })),
          get,
          shred: (ref) => append({ ref, value: null }),
          hashKey: (tailnet) => hashKeyOf(masterKey, tailnet)
        })
      })
    )
}
