/** `tailrace tailnet …`: tailnets, their plans, and the switch of their flow logs. */
import { Plan, TailnetName } from "@tailrace/domain"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { call } from "../Api.ts"
import { Output } from "../Output.ts"
import { orAbsent } from "../Request.ts"

const plan = Flag.Literals("plan", Plan.literals).pipe(Flag.withDescription("Plan of the tailnet"))

const create = Command.make(
  "create",
  {
    name: Argument.String("name").pipe(
      Argument.withSchema(TailnetName),
      Argument.withDescription("Name such as example.com")
    ),
    plan: plan.pipe(Flag.withDefault("enterprise")),
    owner: Flag.String("owner").pipe(Flag.optional, Flag.withDescription("Login name of its Owner"))
  },
  Effect.fn(function*({ name, owner, plan }) {
    const output = yield* Output
    const ownerLoginName = orAbsent("ownerLoginName", owner)
    const made = yield* call((api) => api.tailnets.create({ payload: { name, plan, ...ownerLoginName } }))
    yield* output.item(made, [
      ["tailnet", made.name],
      ["id", made.id],
      ["plan", made.plan],
      ["owner", made.ownerId],
      ["api key", `${made.key}   (shown only this once)`]
    ])
  })
).pipe(Command.withDescription("Make a tailnet with an Owner and the Owner's first API key"))

const list = Command.make(
  "list",
  {},
  Effect.fn(function*() {
    const { tailnets } = yield* call((api) => api.tailnets.list())
    yield* (yield* Output).list(tailnets, [
      { title: "name", cell: ({ name }) => name },
      { title: "id", cell: ({ id }) => id },
      { title: "plan", cell: ({ plan }) => plan }
    ], "There is no tailnet that this key may see.")
  })
).pipe(Command.withDescription("List the tailnets that the key may see"))

const changePlan = Command.make(
  "plan",
  { plan: Argument.Literals("plan", Plan.literals).pipe(Argument.withDescription("The new plan")) },
  Effect.fn(function*({ plan }) {
    const changed = yield* call((api, tailnet) => api.tailnets.plan({ params: { tailnet }, payload: { plan } }))
    yield* (yield* Output).done(`${changed.name} is on the plan ${changed.plan}`, changed)
  })
).pipe(Command.withDescription("Change the plan of the tailnet"))

const flowLogs = Command.make(
  "flow-logs",
  { state: Argument.Literals("state", ["on", "off"]).pipe(Argument.optional) },
  Effect.fn(function*({ state }) {
    const settings = yield* call((api, tailnet) =>
      Option.match(state, {
        onNone: () => api.settings.get({ params: { tailnet } }),
        onSome: (wanted) =>
          api.settings.change({ params: { tailnet }, payload: { networkFlowLoggingOn: wanted === "on" } })
      })
    )
    const on = settings.networkFlowLoggingOn
    yield* (yield* Output).done(`Flow logs are ${on ? "on" : "off"}`, { networkFlowLoggingOn: on })
  })
).pipe(Command.withDescription("Show or switch the tailnet's network flow logs"))

export const tailnet = Command.make("tailnet").pipe(
  Command.withDescription("Tailnets: make, list, change the plan, switch flow logs"),
  Command.withSubcommands([create, list, changePlan, flowLogs])
)
