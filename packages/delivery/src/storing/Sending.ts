/**
 * Sending what is sealed: one attempt, its answer classified and written to the ledger. Retrying is not done here; the
 * outcome says in which state the leg goes on.
 */
import type { ObjectStore, ObjectToPut } from "@tailrace/destinations"
import { type Answer, contentTypeOf, type Seal } from "@tailrace/domain"
import { Clock, Effect, Metric, type Scope } from "effect"
import type { Window } from "../gather/Window.ts"
import * as Metrics from "../Metrics.ts"
import { quarantineEntry } from "../read/Strays.ts"
import { failed, type Failure, type Outcome } from "../leg/Failing.ts"
import { capabilitiesOf } from "../leg/Probing.ts"
import type { StoreLeg } from "./StoreLeg.ts"
import { sealAgain } from "./Sealing.ts"
import { afterInspection, openStore } from "./Store.ts"

/** Header values are Latin-1: what is not is escaped as in URLs. */
const headerText = (text: string): string =>
  text.replaceAll(/[^\x20-\x7e]/gu, (character) => encodeURIComponent(character))

const metadataOf = (leg: StoreLeg, seal: Seal): Readonly<Record<string, string>> => {
  const maker = leg.destination.versions.find(({ version }) => version === seal.configVersion)?.by
  return {
    seal: seal.id,
    topic: leg.topic.topic,
    lane: `${leg.services.lane}`,
    first: `${seal.from}`,
    last: `${Math.max(seal.from, seal.to - 1)}`,
    count: `${seal.count}`,
    sha256: seal.contentSha256,
    "config-version": `${seal.configVersion}`,
    "config-by": headerText(maker?.loginName || maker?.id || "unknown")
  }
}

const count = (answer: string) => Metric.update(Metric.withAttributes(Metrics.attempts, { class: answer }), 1)

/** Commits the delivery, and in the same commit the records that the seal skipped. */
export const delivered = Effect.fnUntraced(function*(leg: StoreLeg, seal: Seal, window: Window | null) {
  const at = yield* Clock.currentTimeMillis
  const from = { topic: leg.topic.topic, lane: leg.services.lane, destination: leg.id }
  const refused = window?.refused ??
    seal.skipped.map((offset) => ({ offset, value: new Uint8Array(), reason: "expired" }))
  const bytes = window?.compressedBytes ?? 0
  yield* leg.services.ledger.commit([{
    _tag: "BatchDelivered",
    destination: leg.id,
    seal: seal.id,
    from: seal.from,
    to: seal.to,
    count: seal.count,
    key: seal.key,
    bytes,
    contentBytes: seal.contentBytes,
    quarantined: seal.skipped.length,
    attempts: leg.attempts,
    configVersion: seal.configVersion,
    at
  }], refused.map((record) => quarantineEntry(record, from)))
  leg.sealed = null
  if (window !== null) yield* window.release
  yield* Metric.update(Metrics.deliveredObjects, 1)
  yield* Metric.update(Metrics.deliveredRecords, seal.count)
  yield* Metric.update(Metrics.deliveredBytes, bytes)
  yield* Metric.update(Metrics.quarantinedRecords, seal.skipped.length)
})

/** What one attempt found out. `Lost`: the content is no longer at hand. */
export type Attempt =
  | { readonly _tag: "Ours" }
  | { readonly _tag: "Foreign" }
  | { readonly _tag: "Failed"; readonly failure: Failure }
  | { readonly _tag: "Lost" }

const ours: Attempt = { _tag: "Ours" }
const failure = (cause: Failure): Attempt => ({ _tag: "Failed", failure: cause })

/** Whose object lies under the seal's key? Never guessed. `Missing` is a failure: the key was taken a moment ago. */
export const inspect = Effect.fnUntraced(function*(
  leg: StoreLeg,
  store: ObjectStore,
  seal: Seal
): Effect.fn.Return<Attempt | { readonly _tag: "Missing" }> {
  leg.attempts++
  const inspection = yield* store.inspect(seal.key)
  yield* count(inspection._tag)
  switch (inspection._tag) {
    case "Found":
      // A store that shows no metadata: then the key itself carries the seal's id.
      return inspection.seal === seal.id || seal.key.includes(seal.id) ? ours : { _tag: "Foreign" }
    case "Missing":
      return { _tag: "Missing" }
    case "Forbidden": {
      const message = `whose object ${seal.key} is cannot be seen: ${inspection.message}`
      return failure({ _tag: "Misconfigured", message, status: 403 })
    }
    case "Failed":
      return failure(afterInspection(inspection))
  }
})

const vanished: Failure = {
  _tag: "Transient",
  message: "the key was taken and is free again",
  status: 412,
  retryAfterMillis: null,
  maybeStored: false
}

const taken = Effect.fnUntraced(function*(leg: StoreLeg, store: ObjectStore, seal: Seal): Effect.fn.Return<Attempt> {
  if (seal.key.includes(seal.id)) return ours
  const found = yield* inspect(leg, store, seal)
  return found._tag === "Missing" ? failure(vanished) : found
})

/** Stores without conditional PUT: ask first. The weaker guarantee is what the probe recorded. */
const putOrAsk = Effect.fnUntraced(function*(
  leg: StoreLeg,
  store: ObjectStore,
  object: ObjectToPut
): Effect.fn.Return<Answer> {
  leg.attempts++
  if (object.onlyIfAbsent) return yield* store.put(object)
  const inspection = yield* store.inspect(object.key)
  if (inspection._tag === "Found") return { _tag: "Taken" }
  if (inspection._tag === "Failed") return afterInspection(inspection)
  leg.attempts++
  return yield* store.put(object)
})

/** Whether the answer says for sure that this request stored nothing. */
const storedNothing = (answer: Answer): boolean =>
  answer._tag === "Taken" || answer._tag === "Misconfigured" || (answer._tag === "Transient" && !answer.maybeStored)

const put = Effect.fnUntraced(function*(leg: StoreLeg, store: ObjectStore, object: ObjectToPut) {
  const clean = leg.clean
  leg.clean = false
  const answer = yield* putOrAsk(leg, store, object)
  leg.clean = clean && storedNothing(answer)
  yield* count(answer._tag)
  return answer
})

const attemptScoped = Effect.fnUntraced(function*(
  leg: StoreLeg,
  seal: Seal,
  window: Window
): Effect.fn.Return<Attempt, never, Scope.Scope> {
  const store = yield* Effect.result(openStore(leg, seal.target))
  if (store._tag === "Failure") return failure(store.failure)
  const body = yield* Effect.result(window.body)
  if (body._tag === "Failure" || window.broken) return { _tag: "Lost" }
  const answer = yield* put(leg, store.success, {
    key: seal.key,
    body: body.success,
    contentType: contentTypeOf[seal.codec],
    metadata: metadataOf(leg, seal),
    onlyIfAbsent: capabilitiesOf(leg, seal.target)?.conditionalPut !== false
  })
  if (answer._tag === "Delivered") return ours
  return answer._tag === "Taken" ? yield* taken(leg, store.success, seal) : failure(answer)
})

/** One attempt to store the open seal's object. Writes nothing to the ledger. */
export const attempt = (leg: StoreLeg, seal: Seal, window: Window): Effect.Effect<Attempt> =>
  leg.services.bodies.hold(window.compressedBytes, Effect.scoped(attemptScoped(leg, seal, window)))

/** The content must be gathered again. */
const forget = (leg: StoreLeg, window: Window) => {
  leg.sealed = null
  return window.release
}

/** One attempt to deliver the open seal, with all that follows from its answer. */
export const send = Effect.fnUntraced(function*(leg: StoreLeg, seal: Seal, window: Window): Effect.fn.Return<Outcome> {
  const result = yield* attempt(leg, seal, window)
  switch (result._tag) {
    case "Ours":
      yield* delivered(leg, seal, window)
      return "goOn"
    case "Foreign":
      yield* sealAgain(leg, seal)
      return "goOn"
    case "Lost":
      yield* forget(leg, window)
      return "goOn"
    case "Failed":
      return yield* failed(leg, result.failure)
  }
})
