/**
 * Everything that the control side serves over HTTP, as one layer of routes for a router: the API with its description
 * and documentation, and the answer for unknown paths.
 */
import { TailraceApi } from "@tailrace/api"
import { Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { HttpApiBuilder, HttpApiSwagger } from "effect/http-api"
import { AuthenticatedLive } from "./access/Authentication.ts"
import { Commands } from "./command/Commands.ts"
import { DestinationChanges } from "./destination/DestinationChanges.ts"
import { IngestTokensHandlers, KeysHandlers, UsersHandlers } from "./http/AccessHandlers.ts"
import { AwsExternalIdHandlers } from "./http/AwsExternalIdHandlers.ts"
import { DestinationsHandlers } from "./http/DestinationsHandlers.ts"
import { JsonErrorsLive } from "./http/JsonErrorsLive.ts"
import { LogsHandlers, StreamHandlers } from "./http/StreamHandlers.ts"
import { SettingsHandlers, TailnetsHandlers } from "./http/TailnetHandlers.ts"
import { UnknownPaths } from "./http/UnknownPaths.ts"
import { DestinationReport } from "./ledger/DestinationReport.ts"
import { ReadBack } from "./logs/ReadBack.ts"

const handlers = Layer.mergeAll(
  StreamHandlers,
  LogsHandlers,
  AwsExternalIdHandlers,
  SettingsHandlers,
  DestinationsHandlers,
  TailnetsHandlers,
  UsersHandlers,
  KeysHandlers,
  IngestTokensHandlers
)

const services = Layer.mergeAll(DestinationChanges.layer, DestinationReport.layer, ReadBack.layer).pipe(
  Layer.provideMerge(Commands.layer)
)

const ApiRoutes = HttpApiBuilder.layer(TailraceApi, { openapiPath: "/openapi.json" }).pipe(
  Layer.provide(handlers),
  Layer.provide([services, AuthenticatedLive, JsonErrorsLive])
)

const DocsRoutes = Layer.mergeAll(
  // Swagger UI is inlined into the page and loads nothing from anywhere.
  HttpApiSwagger.layer(TailraceApi, { path: "/docs" }),
  HttpRouter.add("GET", "/", HttpServerResponse.redirect("/docs", { status: 302 }))
)

/**
 * Needs a router with its platform services, `ControlLog`, `Log`, `Secrets`, `LedgerProjection`, and `Authentication`;
 * takes `AllowedEndpoints`, `OperatorTailnet` and `AwsIdentity` where they are provided.
 *
 * @example
 * ```ts
 * HttpRouter.serve(Layer.mergeAll(ControlRoutes, IngestRoutes)).pipe(Layer.provide(HttpServer))
 * ```
 */
export const ControlRoutes = Layer.mergeAll(
  ApiRoutes,
  DocsRoutes,
  UnknownPaths
)
