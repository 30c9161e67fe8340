/**
 * The secret of a destination's next version: a new one is written before the event that names it, an unchanged one
 * keeps its version, and one that no event came to name is destroyed.
 */
import type { DestinationId, TailnetName } from "@tailrace/domain"
import type { Executed, Secrets } from "@tailrace/event-store"
import { Effect, Option, Redacted } from "effect"
import { mintHex } from "../access/Credential.ts"
import type { WantedSecret } from "./WantedVersion.ts"

type SecretStore = Secrets["Service"]

export interface SecretPlan {
  readonly tailnet: TailnetName
  /** The destination that the secret is expected to belong to. */
  readonly destination: DestinationId
  /** Empty: the destination has no secret. */
  readonly version: string
  /** Undefined: the version exists already, or there is none. */
  readonly write: Redacted.Redacted | undefined
}

export interface SecretWish {
  readonly tailnet: TailnetName
  readonly destination: DestinationId
  readonly secret: WantedSecret
  /** The version in force; undefined or empty: there is none. */
  readonly inForce: string | undefined
}

/** The same secret again makes no new version, so that an unchanged configuration changes nothing. */
export const planSecret = Effect.fnUntraced(function*(store: SecretStore, wish: SecretWish) {
  const { destination, inForce = "", secret, tailnet } = wish
  const keep: SecretPlan = { tailnet, destination, version: inForce, write: undefined }
  if (secret === "none") return { ...keep, version: "" }
  if (secret === "keep") return keep
  const known = inForce === "" ? Option.none() : yield* store.get({ tailnet, destination, version: inForce })
  const isSame = Option.exists(known, (value) => Redacted.value(value) === Redacted.value(secret))
  return isSame ? keep : { ...keep, version: yield* mintHex, write: secret }
})

export const writeSecret = (store: SecretStore, { write, ...ref }: SecretPlan) =>
  write === undefined ? Effect.void : store.put(ref, write)

export const dropSecret = (store: SecretStore, { write, ...ref }: SecretPlan) =>
  write === undefined ? Effect.void : Effect.ignore(store.shred(ref))

const destinationOf = ({ events }: Executed): DestinationId | undefined =>
  events.flatMap((event) =>
    event._tag === "DestinationCreated" || event._tag === "DestinationUpdated" ? [event.destination] : []
  )[0]

/** Another command was first and the events are about another destination: the secret goes where it is looked for. */
export const followEvents = Effect.fnUntraced(
  function*(store: SecretStore, { write, ...ref }: SecretPlan, executed: Executed) {
    const destination = destinationOf(executed)
    if (destination === undefined || destination === ref.destination || ref.version === "") return
    const secret = write ?? Option.getOrUndefined(yield* store.get(ref))
    if (secret !== undefined) yield* store.put({ ...ref, destination }, secret)
  }
)
