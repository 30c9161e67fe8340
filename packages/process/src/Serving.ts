/** The HTTP side of every app: its routes, health and metrics beside them, on the address of the settings. */
import { Console, Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { HealthRoutes } from "./Health.ts"
import * as Listen from "./Listen.ts"
import * as ResidentMemory from "./ResidentMemory.ts"
import { Settings } from "./settings/Settings.ts"

const notFound = Effect.succeed(HttpServerResponse.jsonUnsafe({ message: "not found" }, { status: 404 }))

/** For processes that do not serve the API, which has such an answer of its own. */
export const UnknownPaths = HttpRouter.add("*", "/*", notFound)

/** Answers requests as long as it lives; `HttpServer` stays visible for its address. */
export const serving = <A, E, R>(routes: Layer.Layer<A, E, R>) =>
  HttpRouter.serve(Layer.merge(routes, HealthRoutes), { disableLogger: true, disableListenLog: true }).pipe(
    Layer.provideMerge(Listen.layer),
    Layer.merge(ResidentMemory.layer)
  )

/** The one line on stdout that says where. */
export const announce = Effect.gen(function*() {
  const { app } = yield* Settings
  yield* Console.log(`Tailrace ${app} at ${yield* Listen.url}`)
})
