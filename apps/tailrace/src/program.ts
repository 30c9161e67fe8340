/** The whole process as one program: what stands on what, in which order it starts, and what ends it. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { LedgerProjection, SecretShredder } from "@tailrace/control"
import { IngestLog } from "@tailrace/ingest"
import { Foundation, Listen, Logs, Settings } from "@tailrace/process"
import { type FirstTailnet, firstTailnet, Noticing, tellNews } from "@tailrace/process/controlling"
import { Delivering } from "@tailrace/process/delivering"
import { refuseWhenDraining } from "@tailrace/process/ingesting"
import { Clock, Console, DateTime, Effect, Layer, Option } from "effect"
import { banner } from "./Banner.ts"
import { ensureDemoDestinations, liveDemoDestinations } from "./demo/DemoDestinations.ts"
import { DemoStore } from "./demo/DemoStore.ts"
import { generate } from "./demo/Generator.ts"
import * as Web from "./Web.ts"

/** Serves and delivers as long as it lives. */
const services = Web.layer.pipe(
  Layer.provideMerge(Layer.mergeAll(Delivering.layer, SecretShredder, Noticing)),
  Layer.provideMerge(LedgerProjection.layer)
)

const greet = Effect.fnUntraced(function*({ madeKey, tailnet }: FirstTailnet, demoFolder: Option.Option<string>) {
  const { data, kafka } = yield* Settings
  const now = DateTime.formatIso(DateTime.makeUnsafe(yield* Clock.currentTimeMillis))
  const leftOver = yield* liveDemoDestinations(tailnet)
  const url = yield* Listen.url
  const dataFolder = Option.isNone(kafka) ? Option.some(data) : Option.none()
  yield* Console.log(banner({ url, tailnet, madeKey, dataFolder, demoFolder, leftOver, now }))
})

const serveUntilFailure = Effect.andThen(refuseWhenDraining, Foundation.untilFailure)

const withDemo = Effect.fnUntraced(function*(first: FirstTailnet) {
  const { folder } = yield* DemoStore
  yield* ensureDemoDestinations(first.tailnet)
  return yield* Effect.gen(function*() {
    yield* tellNews
    yield* generate(first.tailnet)
    yield* greet(first, Option.some(folder))
    return yield* serveUntilFailure
  }).pipe(Effect.scoped, Effect.provide(Layer.provideMerge(IngestLog.layer, services)))
}, Effect.provide(DemoStore.layer))

const withoutDemo = Effect.fnUntraced(function*(first: FirstTailnet) {
  return yield* Effect.gen(function*() {
    yield* tellNews
    yield* greet(first, Option.none())
    return yield* serveUntilFailure
  }).pipe(Effect.scoped, Effect.provide(services))
})

/** Runs until it is interrupted. Every failure is one that `explain` of `process` can put into a line. */
export const program = Effect.gen(function*() {
  const { demo } = yield* Settings
  const first = yield* firstTailnet
  return yield* demo ? withDemo(first) : withoutDemo(first)
}).pipe(Effect.provide(
  Foundation.layer.pipe(
    Layer.provideMerge(Settings.layer("tailrace")),
    Layer.provideMerge(Layer.merge(NodeServices.layer, Logs.layer))
  )
))
