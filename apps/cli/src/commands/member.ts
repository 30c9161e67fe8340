/** `tailrace member …`: who belongs to the tailnet, and with which role. */
import { Role } from "@tailrace/domain"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { call } from "../Api.ts"
import { Output } from "../Output.ts"
import { orAbsent } from "../Request.ts"

const user = Argument.String("user").pipe(Argument.withDescription("Id of the member, as `member list` shows it"))

const add = Command.make(
  "add",
  {
    loginName: Argument.String("login-name").pipe(Argument.withDescription("For example ben@example.com")),
    role: Flag.Literals("role", Role.literals).pipe(Flag.withDefault("member"), Flag.withDescription("Role")),
    name: Flag.String("name").pipe(Flag.optional, Flag.withDescription("Name as it is displayed"))
  },
  Effect.fn(function*({ loginName, name, role }) {
    const added = yield* call((api, tailnet) =>
      api.users.add({ params: { tailnet }, payload: { loginName, role, ...orAbsent("displayName", name) } })
    )
    yield* (yield* Output).done(`Added ${added.loginName} (${added.id}) as ${added.role}`, added)
  })
).pipe(Command.withDescription("Add a member"))

const changeRole = Command.make(
  "role",
  { user, role: Argument.Literals("role", Role.literals) },
  Effect.fn(function*({ role, user }) {
    yield* call((api) => api.users.role({ params: { user }, payload: { role } }))
    yield* (yield* Output).done(`${user} is now ${role}`, { id: user, role })
  })
).pipe(Command.withDescription("Change a member's role"))

const remove = Command.make(
  "remove",
  { user },
  Effect.fn(function*({ user }) {
    yield* call((api) => api.users.delete({ params: { user } }))
    yield* (yield* Output).done(`Removed ${user}`, { id: user })
  })
).pipe(Command.withDescription("Remove a member"))

const list = Command.make(
  "list",
  {},
  Effect.fn(function*() {
    const { users } = yield* call((api, tailnet) => api.users.list({ params: { tailnet }, query: {} }))
    yield* (yield* Output).list(users, [
      { title: "id", cell: ({ id }) => id },
      { title: "login name", cell: ({ loginName }) => loginName },
      { title: "name", cell: ({ displayName }) => displayName },
      { title: "role", cell: ({ role }) => role }
    ], "The tailnet has no members.")
  })
).pipe(Command.withDescription("List the members"))

export const member = Command.make("member").pipe(
  Command.withDescription("Members of the tailnet and their roles"),
  Command.withSubcommands([add, changeRole, remove, list])
)
