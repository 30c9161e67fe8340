/** Settings of a tailnet, and the tailnets themselves. */
import { AccessDenied, maxKeySeconds, Missing, Principal, type SettingsBody, TailraceApi } from "@tailrace/api"
import { type Actor, SettingsChanges, type TailnetState } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { Clock, Effect, Redacted, Schema } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { mintApiKey, mintId } from "../access/Credential.ts"
import { answerOf } from "../command/ApiAnswer.ts"
import { Commands } from "../command/Commands.ts"
import { OperatorTailnet } from "../command/OperatorTailnet.ts"

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

    const operator = Effect.gen(function*() {
      const who = yield* Principal
      yield* Effect.mapError(control.caughtUp, answerOf)
      if (commands.isOperator(who)) return who
      return yield* new AccessDenied({ message: `only the Owner of ${operatorTailnet} may do this` })
    })
    const anyTailnet = (path: string, own: string) =>
      [...control.tailnets()].find(({ id, name }) => name === (path === "-" ? own : path) || id === path)

    return handlers.handleAll({
      list: Effect.fnUntraced(function*() {
        const who = yield* Principal
        const own = yield* commands.tailnet(who, "-")
        const all = commands.isOperator(who) ? [...control.tailnets()] : [own]
        return { tailnets: all.map(answer) }
      }),
      create: Effect.fnUntraced(function*({ payload }) {
        const { actor: who, ...principal } = yield* operator
        const { apiKey, key, owner } = yield* newOwner(payload.ownerLoginName ?? `owner@${payload.name}`)
        const tailnetId = yield* mintId("T")
        const plan = payload.plan ?? "personal"
        const command = { _tag: "CreateTailnet" as const, tailnetId, plan, owner, apiKey }
        const envelope = yield* commands.envelope({ ...principal, actor: onBehalfOf(who) }, {
          tailnet: payload.name,
          command
        })
        const { state } = yield* commands.execute(envelope)
        return { ...answer(state), ownerId: owner.userId, key: Redacted.value(key.secret) }
      }),
      plan: Effect.fnUntraced(function*({ params, payload: { plan } }) {
        const { actor, ...principal } = yield* operator
        const tailnet = anyTailnet(params.tailnet, principal.tailnet)
        if (tailnet === undefined) return yield* new Missing({ message: `tailnet ${params.tailnet} not found` })
        const order = { tailnet: tailnet.name, command: { _tag: "ChangePlan" as const, plan } }
        const envelope = yield* commands.envelope({ ...principal, actor: onBehalfOf(actor) }, order)
        const { state } = yield* commands.execute(envelope)
        return answer(state)
      })
    })
  })
)
