/** Ending a window: its content gets an id, a key and a digest, and the seal is committed before a byte is sent. */
import { type Codec, type DestinationVersion, isStore, objectKey, type Seal, type Target } from "@tailrace/domain"
import type { Offset } from "@tailrace/log"
import { Clock, Effect } from "effect"
import { createHash } from "node:crypto"
import { Window } from "../gather/Window.ts"
import type { StoreLeg } from "./StoreLeg.ts"
import { capabilitiesOf } from "../leg/Probing.ts"

/** Unique over all claims of all lanes of this log: the claim's offset and a number within it. */
const sealId = (leg: StoreLeg): string => {
  const { claim, lane } = leg.services
  const name = `${leg.id}/${lane}/${claim}/${leg.nextSealNumber()}`
  return createHash("sha256").update(name).digest("hex").slice(0, 12)
}

/** Where the store cannot tell whose an object is, or is not known to, the key itself does. */
const needsId = (leg: StoreLeg, target: Target): boolean => {
  const capabilities = capabilitiesOf(leg, target)
  return capabilities === undefined || !(capabilities.conditionalPut && capabilities.inspect)
}

interface Named {
  readonly id: string
  readonly codec: Codec
  readonly manifest: boolean
}

const keyFor = Effect.fnUntraced(function*(leg: StoreLeg, version: DestinationVersion, object: Named) {
  const millis = yield* Clock.currentTimeMillis
  const { config, upload } = version
  return objectKey({
    prefix: isStore(config) ? config.keyPrefix : "",
    layout: upload.keyLayout,
    codec: object.codec,
    millis,
    last: leg.state.lastKey,
    share: leg.services.shareOf(leg.tailnet),
    id: needsId(leg, leg.targetOf(version)) ? object.id : null,
    content: object.manifest ? "manifest" : "records"
  })
})

const sealOf = (leg: StoreLeg, version: DestinationVersion): Pick<Seal, "target" | "configVersion"> => ({
  target: leg.targetOf(version),
  configVersion: version.version
})

/** Commits the seal of a window; from here on it is the content of the leg's open seal. */
export const sealWindow = Effect.fnUntraced(function*(leg: StoreLeg, window: Window, kind: "records" | "manifest") {
  leg.ending = window
  const contentSha256 = window.finish()
  yield* window.settled
  const id = sealId(leg)
  // One version for key, target and number, whatever changes meanwhile.
  const { version } = leg
  const key = yield* keyFor(leg, version, { id, codec: window.codec, manifest: kind === "manifest" })
  const at = yield* Clock.currentTimeMillis
  const seal: Seal = {
    id,
    from: window.from,
    to: window.to,
    count: window.count,
    contentSha256,
    contentBytes: window.contentBytes,
    skipped: [...window.skipped],
    key,
    codec: window.codec,
    ...window.rules === null ? {} : { rulesVersion: window.rules.version },
    ...sealOf(leg, version)
  }
  yield* leg.services.ledger.commit([{ _tag: "BatchSealed", destination: leg.id, seal, at }])
  leg.ending = null
  leg.sealed = window
  leg.clean = true
  leg.attempts = 0
  leg.tried = false
})

/** The key is somebody else's: the same content under a new seal and key. */
export const sealAgain = Effect.fnUntraced(function*(leg: StoreLeg, taken: Seal) {
  const id = sealId(leg)
  const { version } = leg
  const manifest = taken.count === 0 && taken.contentBytes > 0
  const key = yield* keyFor(leg, version, { id, codec: taken.codec, manifest })
  const at = yield* Clock.currentTimeMillis
  const seal: Seal = { ...taken, id, key, ...sealOf(leg, version) }
  leg.clean = true
  yield* leg.services.ledger.commit([{ _tag: "BatchSealed", destination: leg.id, seal, at }])
})

/** The note that an upload period had no records: a function of the seal alone. */
export const manifestOf = (leg: StoreLeg, at: number): string =>
  `${JSON.stringify({ tailrace: "no records", destination: leg.id, lane: leg.services.lane, upTo: at })}\n`

/** A window for an upload period without records that ended at offset `at`. */
export const emptyWindow = (leg: StoreLeg, at: Offset, content: { codec: Codec; manifest: boolean }): Window => {
  const { framer, memory } = leg.services
  const window = new Window({ from: at, codec: content.codec, rules: null, budget: memory.budget, ...framer })
  if (content.manifest) {
    const manifest = new TextEncoder().encode(manifestOf(leg, at))
    window.append(manifest, 0, manifest.length)
  }
  return window
}
