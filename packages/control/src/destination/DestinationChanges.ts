/**
 * Commands on destinations with what must happen around them: the secret is written before the event that names it, and
 * the start is read before the event is appended. Nothing here decides whether the change is allowed.
 */
import {
  type ApiError,
  type DestinationBody,
  type NewDestinationBody,
  type Principal,
  type StreamBody,
  Unavailable
} from "@tailrace/api"
import { type AllowedRanges, AwsIdentity, type AwsRoles } from "@tailrace/destinations"
import {
  type Command,
  type Destination,
  DestinationId,
  type LogType,
  Tailnet,
  type TailnetState
} from "@tailrace/domain"
import { Secrets } from "@tailrace/event-store"
import { Log } from "@tailrace/log"
import { Context, Effect, Layer, type Option } from "effect"
import { mintDestinationId } from "../access/Credential.ts"
import { AllowedEndpoints } from "../AllowedEndpoints.ts"
import { rolesOf } from "../aws/trust.ts"
import { answerOf } from "../command/ApiAnswer.ts"
import { Commands } from "../command/Commands.ts"
import { dropSecret, followEvents, planSecret, type SecretPlan, writeSecret } from "./SecretPlan.ts"
import { startOffsets } from "./StartOffsets.ts"
import { given } from "./wanted/Given.ts"
import { wantedOf, type Wish } from "./WantedVersion.ts"

export interface Change<Body> {
  readonly who: Principal["Service"]
  readonly tailnet: TailnetState
  readonly body: Body
}

export type Creation = Change<NewDestinationBody> & { readonly logType: LogType }
export type Update = Change<DestinationBody> & { readonly destination: Destination }
export type StreamPut = Change<StreamBody> & { readonly logType: LogType }

export class DestinationChanges extends Context.Service<DestinationChanges, {
  create(creation: Creation): Effect.Effect<DestinationId, ApiError>
  update(update: Update): Effect.Effect<void, ApiError>
  /** Creates or changes what is in the fixed slot of the log type. */
  putStream(put: StreamPut): Effect.Effect<void, ApiError>
}>()("@tailrace/control/DestinationChanges") {
  static readonly layer = Layer.effect(
    DestinationChanges,
    Effect.gen(function*() {
      const needs: Needs = {
        commands: yield* Commands,
        secrets: yield* Secrets,
        log: yield* Log,
        allowed: yield* AllowedEndpoints,
        identity: yield* AwsIdentity
      }
      return DestinationChanges.of({
        create: (creation) => create(needs, creation),
        update: (it) => update(needs, it),
        putStream: (put) => putStream(needs, put)
      })
    })
  )
}

interface Needs {
  readonly commands: Commands["Service"]
  readonly secrets: Secrets["Service"]
  readonly log: Log["Service"]
  readonly allowed: AllowedRanges
  readonly identity: Option.Option<AwsRoles>
}

interface Planned {
  readonly change: Change<unknown>
  readonly secret: SecretPlan
  readonly command: Command
}

/** After an answer of unknown outcome the secret stays: the event that names it may exist. */
const carryOut = Effect.fnUntraced(function*({ commands, secrets }: Needs, { change, command, secret }: Planned) {
  const envelope = yield* commands.envelope(change.who, { tailnet: change.tailnet.name, command })
  yield* commands.check(envelope)
  yield* Effect.mapError(writeSecret(secrets, secret), answerOf)
  const executed = yield* Effect.tapError(
    commands.execute(envelope),
    (error) => error instanceof Unavailable ? Effect.void : dropSecret(secrets, secret)
  )
  yield* Effect.mapError(followEvents(secrets, secret, executed), answerOf)
})

/** A role that nobody here can assume is refused now, not when records wait for it. */
const want = Effect.fnUntraced(function*({ allowed, identity }: Needs, wish: Omit<Wish, "allowed">) {
  const wanted = yield* Effect.fromResult(wantedOf({ ...wish, allowed }))
  if (wanted.config._tag === "s3" && wanted.config.role !== undefined) yield* rolesOf(identity)
  return wanted
})

const create = Effect.fn("DestinationChanges.create")(function*(needs: Needs, creation: Creation) {
  const { body, logType, tailnet } = creation
  const { secret, ...wanted } = yield* want(needs, { body, before: undefined, endpoint: "ours", logType })
  const start = yield* startOffsets(needs.log, logType, given(body.startAt) ?? "now")
  const destination = DestinationId.make(yield* mintDestinationId)
  const wish = { tailnet: tailnet.name, destination, secret, inForce: undefined }
  const plan = yield* Effect.mapError(planSecret(needs.secrets, wish), answerOf)
  const version = { ...wanted, secretVersion: plan.version }
  const name = given(body.name) ?? destination
  const command: Command = { _tag: "CreateDestination", destination, logType, name, start, ...version }
  yield* carryOut(needs, { change: creation, secret: plan, command })
  return destination
})

const update = Effect.fn("DestinationChanges.update")(function*(needs: Needs, change: Update) {
  const { body, destination, tailnet } = change
  const before = Tailnet.currentVersion(destination)
  const { secret, ...wanted } = yield* want(needs, { body, before, endpoint: "ours", logType: destination.logType })
  const wish = { tailnet: tailnet.name, destination: destination.id, secret, inForce: before?.secretVersion }
  const plan = yield* Effect.mapError(planSecret(needs.secrets, wish), answerOf)
  const version = { ...wanted, secretVersion: plan.version }
  const command: Command = { _tag: "UpdateDestination", destination: destination.id, ...version }
  yield* carryOut(needs, { change, secret: plan, command })
})

const putStream = Effect.fn("DestinationChanges.putStream")(function*(needs: Needs, change: StreamPut) {
  const { body, logType, tailnet } = change
  const occupant = Tailnet.streamOf(tailnet, logType)
  const before = occupant === undefined ? undefined : Tailnet.currentVersion(occupant)
  const { secret, ...wanted } = yield* want(needs, { body, before, endpoint: "stream", logType })
  const start = yield* startOffsets(needs.log, logType, "now")
  const newDestination = DestinationId.make(yield* mintDestinationId)
  const destination = occupant?.id ?? newDestination
  const wish = { tailnet: tailnet.name, destination, secret, inForce: before?.secretVersion }
  const plan = yield* Effect.mapError(planSecret(needs.secrets, wish), answerOf)
  const version = { ...wanted, secretVersion: plan.version }
  const command: Command = { _tag: "PutStream", logType, newDestination, start, ...version }
  yield* carryOut(needs, { change, secret: plan, command })
})
