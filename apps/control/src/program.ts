/** Control as a process of its own: the API, the first tailnet, and the end of secrets that nobody needs. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { AllowedEndpoints, Authentication, ControlRoutes, LedgerProjection, SecretShredder } from "@tailrace/control"
import { announce, Foundation, Logs, serving, Settings } from "@tailrace/process"
import { type FirstTailnet, firstTailnet, Noticing, warnOfNews } from "@tailrace/process/controlling"
import { Console, Effect, Layer, Option, Redacted } from "effect"

const routes = ControlRoutes.pipe(
  Layer.provide([
    Authentication.layer,
    Foundation.awsIdentity,
    Layer.effect(AllowedEndpoints, Foundation.allowedRanges)
  ])
)

const services = Layer.mergeAll(serving(routes), SecretShredder, Noticing).pipe(
  Layer.provideMerge(LedgerProjection.layer)
)

/** Of all control processes only the one that made the tailnet has a key to show. */
const greet = Effect.fnUntraced(function*({ madeKey, tailnet }: FirstTailnet) {
  yield* announce
  if (Option.isNone(madeKey)) return
  yield* Console.log(`API key of ${tailnet}'s Owner: ${Redacted.value(madeKey.value)}   (shown only now: keep it)`)
})

const serve = (first: FirstTailnet) =>
  Effect.gen(function*() {
    yield* warnOfNews
    yield* greet(first)
    return yield* Foundation.untilFailure
  }).pipe(Effect.scoped, Effect.provide(services))

/** Runs until it is interrupted. */
export const program = Effect.flatMap(firstTailnet, serve).pipe(
  Effect.provide(Foundation.layer.pipe(
    Layer.provideMerge(Settings.layer("control")),
    Layer.provideMerge(Layer.merge(NodeServices.layer, Logs.layer))
  ))
)
