/** The whole process as one program: what stands on what, in which order it starts, and what ends it. */
import { LedgerProjection, SecretShredder } from "@tailrace/control"
import { ControlLog } from "@tailrace/event-store"
import { LogSqlite } from "@tailrace/log-sqlite"
import { IngestBudget, IngestLog } from "@tailrace/ingest"
import { Clock, Console, DateTime, Effect, Layer, Option } from "effect"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { banner } from "./Banner.ts"
import * as Delivering from "./Delivering.ts"
import { ensureDemoDestinations, liveDemoDestinations } from "./demo/DemoDestinations.ts"
import { DemoStore } from "./demo/DemoStore.ts"
import { generate } from "./demo/Generator.ts"
import { firstTailnet } from "./FirstTailnet.ts"
import * as Foundation from "./Foundation.ts"
import * as Listen from "./Listen.ts"
import * as Logs from "./Logs.ts"
import { tellNews } from "./News.ts"
import * as ResidentMemory from "./ResidentMemory.ts"
import { Settings } from "./Settings.ts"
import * as Web from "./Web.ts"

type FirstTailnet = Effect.Success<typeof firstTailnet>

/** Serves and delivers as long as it lives. */
const services = Web.layer.pipe(
  Layer.provideMerge(Layer.mergeAll(Delivering.layer, SecretShredder, ResidentMemory.layer)),
  Layer.provideMerge(LedgerProjection.layer)
)

const greet = Effect.fnUntraced(function*({ madeKey, tailnet }: FirstTailnet, demoFolder: Option.Option<string>) {
  const { data } = yield* Settings
  const now = DateTime.formatIso(DateTime.makeUnsafe(yield* Clock.currentTimeMillis))
  const leftOver = yield* liveDemoDestinations(tailnet)
  const url = yield* Listen.url
  yield* Console.log(banner({ url, tailnet, madeKey, dataFolder: data, demoFolder, leftOver, now }))
})

/** Ends only with the control log or the log itself; requests that come while it drains are told so. */
const serveUntilFailure = Effect.gen(function*() {
  const budget = yield* IngestBudget
  yield* Effect.addFinalizer(() => budget.close)
  const { ended } = yield* LogSqlite.EmbeddedLog
  return yield* Effect.raceFirst((yield* ControlLog).failed, ended)
})

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

/** Runs until it is interrupted. Every failure is one that `StartupFailure.explain` can put into a line. */
export const program = Effect.gen(function*() {
  const { demo } = yield* Settings
  const first = yield* firstTailnet
  return yield* demo ? withDemo(first) : withoutDemo(first)
}).pipe(Effect.provide(
  Foundation.layer.pipe(
    Layer.provideMerge(Settings.layer),
    Layer.provideMerge(Layer.merge(NodeServices.layer, Logs.layer))
  )
))
