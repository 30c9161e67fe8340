/** `tailrace token …`: ingest tokens, which may post records and nothing else. */
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { call } from "../Api.ts"
import { Output } from "../Output.ts"
import { orAbsent } from "../Request.ts"

const create = Command.make(
  "create",
  { description: Flag.String("description").pipe(Flag.optional, Flag.withDescription("Who posts with it")) },
  Effect.fn(function*({ description }) {
    const payload = orAbsent("description", description)
    const made = yield* call((api, tailnet) => api.ingestTokens.create({ params: { tailnet }, payload }))
    yield* (yield* Output).item(made, [
      ["token", `${made.token}   (shown only this once)`],
      ["id", made.id]
    ])
  })
).pipe(Command.withDescription("Make an ingest token; it is shown once"))

const list = Command.make(
  "list",
  {},
  Effect.fn(function*() {
    const { tokens } = yield* call((api, tailnet) => api.ingestTokens.list({ params: { tailnet } }))
    yield* (yield* Output).list(tokens, [
      { title: "id", cell: ({ id }) => id },
      { title: "state", cell: ({ revoked }) => revoked === undefined ? "active" : "revoked" },
      { title: "created", cell: ({ created }) => created },
      { title: "description", cell: ({ description }) => description }
    ], "The tailnet has no ingest tokens.")
  })
).pipe(Command.withDescription("List the ingest tokens (never the tokens themselves)"))

const revoke = Command.make(
  "revoke",
  { id: Argument.String("id").pipe(Argument.withDescription("Id of the token, as `token list` shows it")) },
  Effect.fn(function*({ id }) {
    yield* call((api, tailnet) => api.ingestTokens.revoke({ params: { tailnet, token: id } }))
    yield* (yield* Output).done(`Revoked ${id}`, { id })
  })
).pipe(Command.withDescription("Revoke an ingest token"))

export const token = Command.make("token").pipe(
  Command.withDescription("Tokens that may post records, and nothing else"),
  Command.withSubcommands([create, list, revoke])
)
