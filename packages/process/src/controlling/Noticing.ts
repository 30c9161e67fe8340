/** Notices to owners, as the settings have them: a layer that runs beside the API. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { mail, noticesLayer, webhook } from "@tailrace/control"
import { Effect, Layer, Option } from "effect"
import { Settings } from "../settings/Settings.ts"

const channels = Effect.gen(function*() {
  const { notices } = yield* Settings
  const hook = Option.isSome(notices.webhook) ? [yield* webhook(notices.webhook.value)] : []
  return [...hook, ...Option.toArray(Option.flatMap(notices.mail, mail))]
})

/** Tells owners as long as it lives; nothing runs where nobody is to be told. */
export const Noticing = Layer.unwrap(Effect.map(channels, noticesLayer)).pipe(
  Layer.provide(NodeHttpClient.layerNodeHttp)
)
