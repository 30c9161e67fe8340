/** Secrets in memory, shared by all processes of a world; their encryption has its own tests. */
import { type SecretRef, Secrets } from "@tailrace/event-store"
import { type LogError, LogUnavailable } from "@tailrace/log"
import { Effect, Option, Redacted } from "effect"
import type { Process } from "../engine/Process.ts"
import { callThrough } from "./Wire.ts"
import type { World } from "./World.ts"

const nameOf = ({ destination, tailnet, version }: SecretRef): string => `${tailnet}/${destination}/${version}`

/** What a destination's secret of a version is in every world. */
export const secretOf = (ref: SecretRef): string => `secret of ${nameOf(ref)}`

export class Vault {
  readonly stored = new Map<string, string>()
}

export const simSecrets = (world: World, process: Process, vault: Vault): Secrets["Service"] => {
  const call = <A>(name: string, serve: Effect.Effect<A>) =>
    callThrough<A, LogError>(world, {
      process,
      name: `secret ${name}`,
      kind: "secret",
      serve,
      lost: (reason) => new LogUnavailable({ reason })
    })
  return Secrets.of({
    put: (ref, secret) => call("put", Effect.sync(() => void vault.stored.set(nameOf(ref), Redacted.value(secret)))),
    get: (ref) =>
      call("get", Effect.sync(() => Option.map(Option.fromNullishOr(vault.stored.get(nameOf(ref))), Redacted.make))),
    shred: (ref) => call("shred", Effect.sync(() => void vault.stored.delete(nameOf(ref)))),
    hashKey: (tailnet) => Redacted.make(new TextEncoder().encode(`hash key of ${tailnet}`))
  })
}
