/** Settings of a tailnet, and the tailnets themselves. */
import { maxKeySeconds, Missing, Principal, type SettingsBody, TailraceApi } from "@tailrace/api"
import {
  type Actor,
  type Command,
  Forbidden,
  SettingsChanges,
  type TailnetName,
  type TailnetState
} from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { Clock, Effect, Redacted, Schema } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { mintApiKey, mintId } from "../access/Credential.ts"
import { Commands } from "../command/Commands.ts"
import { OperatorTailnet } from "../command/OperatorTailnet.ts"
import { given } from "../destination/wanted/Given.ts"

const decodeChanges = Schema.decodeUnknownEffect(SettingsChanges)

/** Official clients send null for what they do not change. */
const changesOf = (body: SettingsBody) =>
  Effect.orDie(decodeChanges(Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))))

export const SettingsHandlers = HttpApiBuilder.group(
  TailraceApi,
  "settings",
  Effect.fnUntraced(function*(handlers) {
    const commands = yield* Commands
    return handlers.handleAll({
      get: Effect.fnUntraced(function*({ params }) {
        const { settings } = yield* commands.tailnetFor(yield* Principal, params.tailnet, "settings:read")
        return settings
      }),
      change: Effect.fnUntraced(function*({ params, payload }) {
        const who = yield* Principal
        const { name } = yield* commands.tailnet(who, params.tailnet)
        const command = { _tag: "ChangeSettings" as const, changes: yield* changesOf(payload) }
        const { state } = yield* commands.execute(yield* commands.envelope(who, { tailnet: name, command }))
        return state.settings
      })
    })
  })
)

/** The service itself, asked by an operator: that is who the audit log names. */
const onBehalfOf = ({ displayName, loginName }: Actor): Actor => ({
  id: "tailrace-operator",
  type: "AUTOMATED_WORKER",
  loginName,
  displayName
})

const answer = ({ id, name, plan }: TailnetState) => ({ id, name, plan })

/** Owner of a new tailnet, with a first key; both ids are new. */
const newOwner = Effect.fnUntraced(function*(loginName: string) {
  const [userId, key] = yield* Effect.all([mintId("u"), mintApiKey])
  const expiresAt = (yield* Clock.currentTimeMillis) + maxKeySeconds * 1000
  return {
    key,
    owner: { userId, loginName, displayName: loginName, role: "owner" as const },
    apiKey: { keyId: key.id, hash: key.hash, description: "first key of the Owner", expiresAt }
  }
})

export const TailnetsHandlers = HttpApiBuilder.group(
  TailraceApi,
  "tailnets",
  Effect.fnUntraced(function*(handlers) {
    const commands = yield* Commands
    const control = yield* ControlLog
    const operatorTailnet = yield* OperatorTailnet

    /** Carries out a command in any tailnet, if an operator asks. */
    const operate = Effect.fnUntraced(function*(tailnet: TailnetName, command: Command) {
      const who = yield* Principal
      if (!commands.isOperator(who)) {
        const message = `only the Owner of ${operatorTailnet} may do this`
        return yield* commands.refuse(who, command, new Forbidden({ message }))
      }
      const { state } = yield* commands.execute(
        yield* commands.envelope(who, { tailnet, command, actor: onBehalfOf(who.actor) })
      )
      return state
    })
    const visible = Effect.gen(function*() {
      const who = yield* Principal
      const own = yield* commands.tailnet(who, "-")
      return commands.isOperator(who) ? [own, ...[...control.tailnets()].filter(({ id }) => id !== own.id)] : [own]
    })

    return handlers.handleAll({
      list: () => Effect.map(visible, (tailnets) => ({ tailnets: tailnets.map(answer) })),
      create: Effect.fnUntraced(function*({ payload }) {
        const { apiKey, key, owner } = yield* newOwner(given(payload.ownerLoginName) ?? `owner@${payload.name}`)
        const tailnetId = yield* mintId("T")
        const plan = payload.plan ?? "personal"
        const command = { _tag: "CreateTailnet" as const, tailnetId, plan, owner, apiKey }
        const state = yield* operate(payload.name, command)
        return { ...answer(state), ownerId: owner.userId, key: Redacted.value(key.secret) }
      }),
      plan: Effect.fnUntraced(function*({ params, payload: { plan } }) {
        const tailnets = yield* visible
        const isMeant = ({ id, name }: TailnetState) => name === params.tailnet || id === params.tailnet
        const found = params.tailnet === "-" ? tailnets[0] : tailnets.find(isMeant)
        if (found === undefined) return yield* new Missing({ message: `tailnet ${params.tailnet} not found` })
        return answer(yield* operate(found.name, { _tag: "ChangePlan", plan }))
      })
    })
  })
)
