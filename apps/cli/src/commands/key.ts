/** `tailrace key …`: API keys. */
import { Duration, Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { call } from "../Api.ts"
import { Output } from "../Output.ts"
import { orAbsent, wholeFrom } from "../Request.ts"

const create = Command.make(
  "create",
  {
    description: Flag.String("description").pipe(Flag.optional, Flag.withDescription("What it is for")),
    days: Flag.Int("days").pipe(
      Flag.withSchema(wholeFrom(1, 90)),
      Flag.withDefault(90),
      Flag.withDescription("Days until it expires, at most 90")
    ),
    user: Flag.String("user").pipe(Flag.optional, Flag.withDescription("Id of the member who gets it; else yourself"))
  },
  Effect.fn(function*({ days, description, user }) {
    const payload = {
      ...orAbsent("description", description),
      ...orAbsent("userId", user),
      expirySeconds: Duration.toSeconds(Duration.days(days))
    }
    const made = yield* call((api, tailnet) => api.keys.create({ params: { tailnet }, payload }))
    yield* (yield* Output).item(made, [
      ["api key", `${made.key}   (shown only this once)`],
      ["id", made.id],
      ["user", made.userId],
      ["expires", made.expires]
    ])
  })
).pipe(Command.withDescription("Make an API key; it is shown once"))

const stateOf = (key: { readonly revoked?: string; readonly invalid: boolean }): string => {
  if (key.revoked !== undefined) return "revoked"
  return key.invalid ? "expired" : "active"
}

const list = Command.make(
  "list",
  {},
  Effect.fn(function*() {
    const { keys } = yield* call((api, tailnet) => api.keys.list({ params: { tailnet } }))
    yield* (yield* Output).list(keys, [
      { title: "id", cell: ({ id }) => id },
      { title: "user", cell: ({ userId }) => userId },
      { title: "state", cell: stateOf },
      { title: "expires", cell: ({ expires }) => expires },
      { title: "last used", cell: ({ lastUsed }) => lastUsed ?? "" },
      { title: "description", cell: ({ description }) => description }
    ], "The tailnet has no API keys.")
  })
).pipe(Command.withDescription("List the API keys (never the keys themselves)"))

const revoke = Command.make(
  "revoke",
  { id: Argument.String("id").pipe(Argument.withDescription("Id of the key, as `key list` shows it")) },
  Effect.fn(function*({ id }) {
    yield* call((api, tailnet) => api.keys.revoke({ params: { tailnet, key: id } }))
    yield* (yield* Output).done(`Revoked ${id}`, { id })
  })
).pipe(Command.withDescription("Revoke an API key"))

export const key = Command.make("key").pipe(
  Command.withDescription("API keys of the tailnet's members"),
  Command.withSubcommands([create, list, revoke])
)
