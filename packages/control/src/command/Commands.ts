/**
 * What every handler starts with: which tailnet is meant, whether its caller may look, and the one way to change it.
 * What may be changed is the domain's decision, not this service's.
 */
import { AccessDenied, type ApiError, Missing, type Principal } from "@tailrace/api"
import {
  type Actor,
  type Command,
  type CommandEnvelope,
  type Permission,
  type Refusal,
  Tailnet,
  TailnetName,
  type TailnetState
} from "@tailrace/domain"
import { ControlLog, type Executed } from "@tailrace/event-store"
import type { LogError } from "@tailrace/log"
import { Clock, Context, Effect, Layer, Result } from "effect"
import { mintHex } from "../access/Credential.ts"
import { answerOf } from "./ApiAnswer.ts"
import { FailedRequests } from "./FailedRequests.ts"
import { OperatorTailnet } from "./OperatorTailnet.ts"

type WhoIs = Principal["Service"]

export interface Order {
  readonly tailnet: TailnetName
  readonly command: Command
  /** The command's actor, if it is not the member whose key it is. */
  readonly actor?: Actor
}

export class Commands extends Context.Service<Commands, {
  /**
   * The tailnet that a path means (`-`, name or id), as it is after everything written before the call. Others than the
   * caller's own are 404, as if they did not exist.
   */
  tailnet(who: WhoIs, path: string): Effect.Effect<TailnetState, ApiError>
  /** The same, for callers whose role has the permission; otherwise 403. */
  tailnetFor(who: WhoIs, path: string, permission: Permission): Effect.Effect<TailnetState, ApiError>
  /** An envelope with new ids, and the present time. */
  envelope(who: WhoIs, order: Order): Effect.Effect<CommandEnvelope>
  /** Carries it out, or answers the refusal, which the audit log then holds. */
  execute(envelope: CommandEnvelope): Effect.Effect<Executed, ApiError>
  /** What `execute` would refuse right now, without doing anything: for what must be written before it. */
  check(envelope: CommandEnvelope): Effect.Effect<void, ApiError>
  /** The answer to a write that is refused before the domain is asked; the caller's own audit log holds it as well. */
  refuse(who: WhoIs, command: Command, refusal: Refusal): Effect.Effect<never, ApiError>
  /** Whether the caller is an Owner of the first tailnet: it may make tailnets and set their plans. */
  isOperator(who: WhoIs): boolean
}>()("@tailrace/control/Commands") {
  static readonly layer = Layer.effect(Commands, Effect.suspend(() => make)).pipe(Layer.provide(FailedRequests.layer))
}

const isRefusal = (error: Refusal | LogError): error is Refusal =>
  error._tag === "NotFound" || error._tag === "Forbidden" || error._tag === "Invalid" || error._tag === "Conflict"

const mayRead = (state: TailnetState, { actor }: WhoIs, permission: Permission) => {
  if (Tailnet.permits(state, actor, permission)) return Effect.succeed(state)
  const role = state.members.get(actor.id)?.role ?? "member"
  return Effect.fail(new AccessDenied({ message: `the role ${role} may not do this: it takes ${permission}` }))
}

const make = Effect.gen(function*() {
  const control = yield* ControlLog
  const failed = yield* FailedRequests
  const operatorTailnet = yield* OperatorTailnet

  const tailnet = Effect.fnUntraced(function*(who: WhoIs, path: string) {
    yield* Effect.mapError(control.caughtUp, answerOf)
    const own = control.tailnet(who.tailnet)
    if (own === undefined || (path !== "-" && path !== own.name && path !== own.id)) {
      return yield* new Missing({ message: `tailnet ${path} not found` })
    }
    return own
  })
  const refuse = Effect.fnUntraced(function*(envelope: CommandEnvelope, error: Refusal | LogError) {
    const state = control.tailnet(envelope.tailnet)
    if (state !== undefined && isRefusal(error)) yield* failed.record(state, envelope, error)
    return yield* Effect.fail(answerOf(error))
  })
  const envelope: Commands["Service"]["envelope"] = Effect.fnUntraced(function*(who, { actor, command, tailnet }) {
    const [commandId, eventGroupID] = yield* Effect.all([mintHex, mintHex])
    const at = yield* Clock.currentTimeMillis
    return { tailnet, commandId, eventGroupID, origin: "CONFIG_API", actor: actor ?? who.actor, at, command }
  })

  return Commands.of({
    tailnet,
    tailnetFor: (who, path, permission) =>
      Effect.flatMap(tailnet(who, path), (state) => mayRead(state, who, permission)),
    envelope,
    refuse: (who, command, refusal) =>
      Effect.flatMap(envelope(who, { tailnet: who.tailnet, command }), (it) => refuse(it, refusal)),
    execute: (envelope) => Effect.catch(control.execute(envelope), (error) => refuse(envelope, error)),
    check: (envelope) =>
      Result.match(Tailnet.decide(control.tailnet(envelope.tailnet), envelope), {
        onFailure: (refusal) => refuse(envelope, refusal),
        onSuccess: () => Effect.void
      }),
    isOperator: (who) =>
      who.tailnet === operatorTailnet && control.tailnet(who.tailnet)?.members.get(who.userId)?.role === "owner"
  })
})
