/**
 * One link to one broker: a connection that is made when it is needed and made anew when it broke, not too often. All
 * who need it meanwhile share the attempt. It asks nothing again by itself: whoever asked knows whether that is right.
 */
import { Clock, Effect, Random, type Scope } from "effect"
import { type Address, formatAddress } from "./Address.ts"
import type { Api } from "./Api.ts"
import type { Link } from "./Cluster.ts"
import { type Access, type Connection, openConnection, type Sending } from "./Connection.ts"
import { type Fresh, makeFresh } from "./Fresh.ts"
import { requestHeadBytes } from "./Kafkajs.ts"
import { giveBackMemory } from "./LargeMemory.ts"
import { Unreachable } from "./Unreachable.ts"
import { Writer } from "./Writer.ts"

const defaultTimeoutMillis = 5_000
/** Back-off before a new connection: full jitter below 50 ms, doubled by each failure up to 2 s. */
const firstBackOffMillis = 50
const maxBackOffMillis = 2_000

export interface LinkOptions {
  /** Where the broker is at present; `undefined` once the cluster has it no more. */
  readonly address: () => Address | undefined
  readonly access: Access
  /** What to say of a broker that has no address. */
  readonly name: string
}

export interface BrokerLink extends Link {
  /** Connects if need be. */
  readonly connect: Effect.Effect<void, Unreachable>
  /** Connects if need be, and says whether the broker knows this version of the call. */
  speaks(api: Pick<Api<never, unknown>, "key" | "version">): Effect.Effect<boolean, Unreachable>
  /** There is a connection, and it has not failed yet. */
  isOpen(): boolean
  /** Ends the connection, if there is one: the address has changed. */
  end(reason: string): void
}

const frameOf = <Question, Answer>(api: Api<Question, Answer>, question: Question): Buffer => {
  const writer = new Writer(requestHeadBytes)
  // The last byte of a flexible request's header: no tagged fields.
  if (api.isFlexible === true) writer.int8(0)
  api.write(writer, question)
  return writer.framed
}

class LiveLink implements BrokerLink {
  /** Since the last answer. */
  private failures = 0
  private connection: Connection | undefined
  /** A connection must come from this attempt or a later one. */
  private needs = 0
  private readonly attempts: Fresh<Connection, Unreachable>
  private readonly options: LinkOptions

  constructor(scope: Scope.Scope, options: LinkOptions) {
    this.options = options
    const closed = (): Unreachable => this.failure("is asked nothing more: this process has closed the link")
    this.attempts = makeFresh(scope, { ask: this.attempt, closed })
  }

  get address(): string {
    const known = this.options.address()
    return known === undefined ? this.options.name : formatAddress(known)
  }

  private failure(reason: string, isRefusal = false): Unreachable {
    return new Unreachable({ reason: `${this.address} ${reason}`, isRefusal })
  }

  private readonly backOff = Effect.suspend(() => {
    if (this.failures === 0) return Effect.void
    const longest = Math.min(maxBackOffMillis, firstBackOffMillis * 2 ** Math.min(this.failures - 1, 10))
    return Effect.flatMap(Random.next, (chance) => Effect.sleep(chance * longest))
  })

  private readonly open = Effect.suspend(() => {
    const at = this.options.address()
    if (at === undefined) return Effect.fail(this.failure("is no longer in the cluster"))
    return openConnection(at, this.options.access)
  })

  private readonly attempt = Effect.uninterruptibleMask((restore) =>
    restore(Effect.andThen(this.backOff, this.open)).pipe(
      Effect.tap((connection) => Effect.sync(() => void (this.connection = connection))),
      Effect.tapError(() => Effect.sync(() => void (this.failures += 1)))
    )
  )

  private drop(connection: Connection): void {
    connection.end("was given up, another call having failed")
    if (this.connection !== connection) return
    this.connection = undefined
    this.failures += 1
    this.needs = this.attempts.next()
  }

  private readonly connected: Effect.Effect<Connection, Unreachable> = Effect.suspend(() => {
    const { connection } = this
    if (connection !== undefined && !connection.isOpen()) this.drop(connection)
    return this.attempts.atLeast(this.needs)
  })

  private send<Answer>(connection: Connection, sending: Sending<Answer>): Effect.Effect<Answer, Unreachable> {
    const { name, version } = sending.api
    if (!connection.speaks(sending.api)) return Effect.fail(this.failure(`speaks no ${name} ${version}`, true))
    return connection.send(sending).pipe(
      Effect.tap(() =>
        Effect.sync(() => {
          this.failures = 0
          giveBackMemory(sending.frame)
        })
      ),
      Effect.tapError(() => Effect.sync(() => this.drop(connection)))
    )
  }

  /** The broker's wish to be left alone comes on top, because kafkajs holds the question back for so long. */
  private boundOf(timeoutMillis: number): Effect.Effect<number> {
    const until = this.connection?.throttledUntil() ?? 0
    return Effect.map(Clock.currentTimeMillis, (now) => timeoutMillis + Math.max(0, until - now))
  }

  private tooSlow(name: string, timeoutMillis: number): Effect.Effect<never, Unreachable> {
    return Effect.fail(this.failure(`did not answer ${name} within ${timeoutMillis} ms`))
  }

  call<Question, Answer>(
    api: Api<Question, Answer>,
    question: Question,
    timeoutMillis = defaultTimeoutMillis
  ): Effect.Effect<Answer, Unreachable> {
    return Effect.suspend(() => {
      const sending = { api, frame: frameOf(api, question), timeoutMillis }
      let used: Connection | undefined
      const answered = Effect.flatMap(this.connected, (connection) => this.send(used = connection, sending))
      const late = Effect.suspend(() => {
        if (used !== undefined) this.drop(used)
        return this.tooSlow(api.name, timeoutMillis)
      })
      return Effect.flatMap(
        this.boundOf(timeoutMillis),
        (duration) => Effect.timeoutOrElse(answered, { duration, orElse: () => late })
      )
    })
  }

  readonly connect = Effect.suspend(() => Effect.asVoid(this.connected))

  speaks(api: Pick<Api<never, unknown>, "key" | "version">): Effect.Effect<boolean, Unreachable> {
    return Effect.map(this.connected, (connection) => connection.speaks(api))
  }

  isOpen(): boolean {
    return this.connection?.isOpen() === true
  }

  end(reason: string): void {
    this.connection?.end(reason)
  }
}

/** A link that lives as long as the scope. Nothing is connected before the first call. */
export const makeLink = (options: LinkOptions): Effect.Effect<BrokerLink, never, Scope.Scope> =>
  Effect.gen(function*() {
    const link = new LiveLink(yield* Effect.scope, options)
    yield* Effect.addFinalizer(() => Effect.sync(() => link.end("was left by this process")))
    return link
  })
