/** `tailrace config`: the settings in effect here, secrets masked. */
import { allSettings, shown } from "@tailrace/process/settings"
import { Config, Effect } from "effect"
import { Command } from "effect/cli"
import { Output } from "../Output.ts"
import { clientSettings } from "../Server.ts"

const ofClient = Effect.forEach(clientSettings, ({ fallback, name, secret }) =>
  Config.String(name).pipe(
    Config.withDefault(""),
    Effect.orDie,
    Effect.map((text) => ({
      name,
      value: text === "" ? fallback : secret ? "(set, not shown)" : text,
      source: text === "" ? "default" : "environment",
      of: "client"
    }))
  ))

const ofServer = Effect.forEach(
  allSettings,
  (setting) => Effect.map(shown(setting), (line) => ({ ...line, of: "server" }))
)

export const config = Command.make(
  "config",
  {},
  Effect.fn(function*() {
    const rows = [...yield* ofClient, ...yield* ofServer]
    yield* (yield* Output).list(rows, [
      { title: "setting", cell: ({ name }) => name },
      { title: "of", cell: ({ of }) => of },
      { title: "value", cell: ({ value }) => value },
      { title: "from", cell: ({ source }) => source }
    ], "")
  })
).pipe(Command.withDescription("Show the settings in effect: of this client, and of a server started here"))
