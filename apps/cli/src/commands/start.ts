/** `tailrace start`: the server, in this very process. */
import { Effect } from "effect"
import { Command } from "effect/cli"

// Loaded only now, because no other command needs it. The server takes over the signals and the exit code.
const server = Effect.promise(() => import("@tailrace/tailrace/start"))

export const start = Command.make(
  "start",
  {},
  () => server.pipe(Effect.map(({ start }) => start()), Effect.andThen(Effect.never))
).pipe(Command.withDescription("Start the server here; its settings are environment variables (see `config`)"))
