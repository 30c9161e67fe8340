/** What everything in a process stands on: the log, the control log on it, and the secrets. */
import { type AllowedRanges, AwsIdentity, Guard, loopback, parseAllowedRanges } from "@tailrace/destinations"
import { ControlLog, masterKeyFile, parseMasterKey, Secrets } from "@tailrace/event-store"
import { Effect, Layer, Option, Result } from "effect"
import * as ChosenLog from "./ChosenLog.ts"
import { places } from "./DataFolder.ts"
import { Settings } from "./settings/Settings.ts"

const masterKey = Effect.gen(function*() {
  const { data, masterKey } = yield* Settings
  if (Option.isNone(masterKey)) return yield* masterKeyFile(places(data).masterKey)
  return yield* Effect.fromResult(parseMasterKey(masterKey.value))
})

const secrets = Layer.unwrap(Effect.map(masterKey, (masterKey) => Secrets.layer({ masterKey })))

/** For processes that open no secret. Fails with one line when the log cannot be used. */
export const withoutSecrets = ControlLog.layer.pipe(Layer.provideMerge(ChosenLog.layer))

/** Fails with one line when the log or the secrets cannot be used. */
export const layer = Layer.merge(ControlLog.layer, secrets).pipe(Layer.provideMerge(ChosenLog.layer))

/** The ranges that destinations may use besides public ones. The demo's own server is on the loopback address. */
export const allowedRanges: Effect.Effect<AllowedRanges, never, Settings> = Effect.gen(function*() {
  const { allowEndpoints, demo } = yield* Settings
  const given = parseAllowedRanges(Option.getOrElse(allowEndpoints, () => ""))
  return [...(demo ? loopback : []), ...Result.getOrElse(given, () => [])]
})

/** The one door for outgoing connections, with the operator's ranges. */
export const guard = Layer.unwrap(Effect.map(allowedRanges, (ranges) => Guard.layer(ranges)))

/** Who this installation is to AWS; without the settings nobody, and no role can be assumed. */
export const awsIdentity = Layer.unwrap(
  Effect.map(Settings, ({ aws }) =>
    Option.match(aws, {
      onNone: () => Layer.empty,
      onSome: (operator) => AwsIdentity.layer(operator).pipe(Layer.provide(guard))
    }))
)

/** Ends only with the control log or the log itself. */
export const untilFailure = Effect.gen(function*() {
  return yield* Effect.raceFirst((yield* ControlLog).failed, yield* ChosenLog.LogEnd)
})
