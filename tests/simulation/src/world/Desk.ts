/**
 * Whoever changes destinations: carries commands out through the real control log of an API process, reads `startAt`
 * as rule 2 of the design says, and now and then sends a command twice or through two processes at once.
 */
import {
  type Codec,
  Command,
  CommandEnvelope,
  type DestinationConfig,
  DestinationId,
  type LogType,
  Start,
  TailnetName,
  topicOf,
  type Upload
} from "@tailrace/domain"
import { ControlLog, Secrets } from "@tailrace/event-store"
import { Log } from "@tailrace/log"
import { type Context, Effect, Fiber, Layer, Redacted, Schedule, Scope } from "effect"
import { Process } from "../engine/Process.ts"
import type { Fleet } from "./Fleet.ts"
import { indexUrl } from "./Indexes.ts"
import { secretOf } from "./SimSecrets.ts"
import type { World } from "./World.ts"

/** A destination as it was asked for. */
export interface Wanted {
  readonly id: DestinationId
  readonly tailnet: string
  readonly logType: LogType
  config: DestinationConfig
  upload: Upload
  secretVersion: string
  paused: boolean
  deleted: boolean
}

export type Change =
  | { readonly kind: "target"; readonly place: string }
  | { readonly kind: "prefix"; readonly keyPrefix: string }
  | { readonly kind: "codec"; readonly codec: Codec }
  | { readonly kind: "credentials" }

type Services = Context.Context<ControlLog | Secrets | Log>

const owner = { id: "u1", type: "USER", loginName: "owner@example.com", displayName: "Owner" } as const
const system = { id: "tailrace", type: "AUTOMATED_WORKER", loginName: "", displayName: "Tailrace" } as const

const dayMillis = 86_400_000

export class Desk {
  readonly destinations: Array<Wanted> = []
  readonly #world: World
  readonly #writers: Array<{ readonly process: Process; readonly services: Effect.Effect<Services> }> = []
  /** Tailnets with a command under way. */
  readonly #busy = new Set<string>()
  #commands = 0
  #secrets = 0

  constructor(world: World, fleet: Fleet) {
    this.#world = world
    for (const name of ["api1", "api2"]) this.#writers.push(this.#open(name, fleet))
  }

  createTailnet(tailnet: string): Effect.Effect<void> {
    const member = { userId: owner.id, loginName: owner.loginName, displayName: owner.displayName } as const
    const expiresAt = this.#world.server.wallMillis() + 30 * dayMillis
    return this.#do(
      tailnet,
      Command.cases.CreateTailnet.make({
        tailnetId: `T${tailnet.length}CNTRL`,
        plan: "enterprise",
        owner: { ...member, role: "owner" },
        apiKey: { keyId: "k1", hash: "0".repeat(64), description: "first", expiresAt }
      })
    )
  }

  create(wanted: Omit<Wanted, "secretVersion" | "paused" | "deleted">, replaces?: DestinationId): Effect.Effect<void> {
    const one: Wanted = { ...wanted, secretVersion: this.#secretVersion(), paused: false, deleted: false }
    return Effect.gen({ self: this }, function*() {
      yield* this.#putSecret(one)
      const start = replaces === undefined
        ? Start.cases.At.make({ offsets: yield* this.#offsets(one.logType) })
        : Start.cases.Replaces.make({ destination: replaces })
      const { config, id, logType, secretVersion, tailnet, upload } = one
      const command = Command.cases.CreateDestination.make({
        config,
        upload,
        secretVersion,
        logType,
        start,
        destination: id,
        name: id
      })
      yield* this.#do(tailnet, command)
      this.destinations.push(one)
    })
  }

  change(wanted: Wanted, change: Change): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      const { config: old } = wanted
      if (change.kind === "target") {
        const { place } = change
        wanted.config = old._tag === "s3" ? { ...old, bucket: place } : { ...old, url: `${indexUrl}/${place}` }
      }
      if (change.kind === "prefix" && old._tag === "s3") wanted.config = { ...old, keyPrefix: change.keyPrefix }
      if (change.kind === "codec") wanted.upload = { ...wanted.upload, codec: change.codec }
      if (change.kind === "credentials") wanted.secretVersion = this.#secretVersion()
      yield* this.#putSecret(wanted)
      const { config, id, secretVersion, upload } = wanted
      yield* this.#do(
        wanted.tailnet,
        Command.cases.UpdateDestination.make({ destination: id, config, upload, secretVersion })
      )
    })
  }

  setPaused(wanted: Wanted, paused: boolean): Effect.Effect<void> {
    if (wanted.paused === paused || wanted.deleted) return Effect.void
    wanted.paused = paused
    const destination = wanted.id
    return this.#do(
      wanted.tailnet,
      paused
        ? Command.cases.PauseDestination.make({ destination })
        : Command.cases.ResumeDestination.make({ destination })
    )
  }

  /** Resumes it whatever was asked before. */
  resume(wanted: Wanted): Effect.Effect<void> {
    return this.#do(wanted.tailnet, Command.cases.ResumeDestination.make({ destination: wanted.id }))
  }

  remove(wanted: Wanted): Effect.Effect<void> {
    if (wanted.deleted) return Effect.void
    wanted.deleted = true
    return this.#do(wanted.tailnet, Command.cases.DeleteDestination.make({ destination: wanted.id }))
  }

  /** Another destination continues where this one ends, perhaps one of another type. */
  replace(wanted: Wanted, config: DestinationConfig = wanted.config): Effect.Effect<void> {
    if (wanted.deleted) return Effect.void
    const { logType, tailnet, upload } = wanted
    const id = DestinationId.make(`${wanted.id}r`)
    wanted.deleted = true
    return this.create({ id, config, logType, tailnet, upload }, wanted.id)
  }

  /** The secret that the destination sends with now. */
  secretOf(wanted: Wanted): string {
    const { id, secretVersion, tailnet } = wanted
    return secretOf({ tailnet: TailnetName.make(tailnet), destination: id, version: secretVersion })
  }

  test(wanted: Wanted): Effect.Effect<void> {
    if (wanted.deleted) return Effect.void
    const test = `test${++this.#commands}`
    return this.#do(wanted.tailnet, Command.cases.TestDestination.make({ destination: wanted.id, test }))
  }

  /** Runs outside of every simulated process: it cannot be killed, its calls can be lost. */
  run(effect: Effect.Effect<void>): void {
    this.#world.server.fork(effect)
  }

  #open(name: string, fleet: Fleet) {
    const world = this.#world
    const process = new Process(name, world.timeline, world.prng.fork(name))
    const layer = Layer.provideMerge(fleet.options.control, fleet.ports(process, { bytes: 0, lost: false }))
    const started = Layer.buildWithScope(layer, Scope.makeUnsafe()).pipe(
      Effect.retry(Schedule.spaced("1 second")),
      Effect.orDie
    )
    const fiber = process.fork(started)
    const services = Fiber.join(fiber)
    return { process, services }
  }

  /** In an API process, until it is known what became of it: the same command id each time. */
  #do(tailnet: string, command: Command): Effect.Effect<void> {
    const world = this.#world
    const number = ++this.#commands
    const envelope: CommandEnvelope = {
      tailnet: TailnetName.make(tailnet),
      commandId: `c${number}`,
      eventGroupID: number.toString(16).padStart(32, "0"),
      origin: "CONFIG_API",
      actor: command._tag === "CreateTailnet" ? system : owner,
      at: world.server.wallMillis(),
      command
    }
    const execute = ControlLog.use((control) => control.execute(envelope)).pipe(
      Effect.retry({ while: (error) => "isRetryable" in error && error.isRetryable, schedule: Schedule.spaced(500) }),
      Effect.tapError((error) => Effect.sync(() => world.say(`refused ${command._tag}: ${error.message}`))),
      Effect.ignore
    )
    if (this.#busy.has(tailnet)) world.fault("two writers at once", tailnet)
    this.#busy.add(tailnet)
    const twice = world.dice.chance(0.1)
    if (twice) world.fault("command sent twice", command._tag)
    return Effect.all([this.#in(world.dice.int(0, 1), execute), ...(twice ? [this.#in(0, execute)] : [])], {
      concurrency: "unbounded",
      discard: true
    }).pipe(Effect.ensuring(Effect.sync(() => this.#busy.delete(tailnet))))
  }

  #in<A, E>(writer: number, effect: Effect.Effect<A, E, ControlLog | Secrets | Log>): Effect.Effect<A, E> {
    const chosen = this.#writers[writer]
    if (chosen === undefined) return Effect.never
    const { process, services } = chosen
    return Effect.flatMap(services, (context) =>
      Effect.callback<A, E>((resume) => {
        process.fork(Effect.provideContext(effect, context)).addObserver((exit) => resume(exit))
      }))
  }

  #putSecret(wanted: Wanted): Effect.Effect<void> {
    const { id, secretVersion, tailnet } = wanted
    const ref = { tailnet: TailnetName.make(tailnet), destination: id, version: secretVersion }
    const put = Secrets.use((secrets) => secrets.put(ref, Redacted.make(secretOf(ref))))
    return Effect.ignore(this.#in(0, Effect.retry(put, Schedule.spaced(500))))
  }

  #offsets(logType: LogType): Effect.Effect<ReadonlyArray<number>> {
    const read = Log.use((log) =>
      Effect.forEach(
        Array.from({ length: log.lanes }, (_, lane) => lane),
        (lane) => Effect.map(log.bounds(topicOf[logType], lane), ({ stable }) => stable)
      )
    )
    return this.#in(0, Effect.orDie(Effect.retry(read, Schedule.spaced(500))))
  }

  #secretVersion(): string {
    return `v${++this.#secrets}`
  }
}
