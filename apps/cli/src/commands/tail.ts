/** `tailrace tail`: follows new records through the read-back endpoint, which it asks once a second. */
import { LogType } from "@tailrace/domain"
import { Clock, Console, DateTime, Effect, Ref, Schedule, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import { HttpClientRequest } from "effect/http"
import { Output } from "../Output.ts"
import { recordLine } from "../RecordLine.ts"
import { asFailure, Server } from "../Server.ts"

/** A record that became readable a little after others may carry an earlier `logged`: asked for again, shown once. */
const overlapMillis = 5_000

const LoggedRecord = Schema.Record(Schema.String, Schema.Unknown)
const Page = Schema.Struct({ logs: Schema.NullOr(Schema.Array(LoggedRecord)) })

const instant = (millis: number): string => DateTime.formatIso(DateTime.makeUnsafe(millis))

const page = Effect.fnUntraced(function*(type: LogType, from: number, to: number) {
  const { http, tailnet, url } = yield* Server
  const request = HttpClientRequest.get(`/api/v2/tailnet/${encodeURIComponent(tailnet)}/logging/${type}`).pipe(
    HttpClientRequest.setUrlParams({ start: instant(from), end: instant(to) })
  )
  const body = yield* http.execute(request).pipe(
    Effect.flatMap((response) => response.json),
    Effect.flatMap(Schema.decodeUnknownEffect(Page)),
    Effect.mapError(asFailure(url))
  )
  return body.logs ?? []
})

interface Follower {
  readonly type: LogType
  /** Epoch milliseconds. */
  readonly from: number
  /** What was shown of the overlap. */
  readonly shown: ReadonlySet<string>
}

/** Answers what was not shown yet, and where to go on. */
const next = Effect.fnUntraced(function*(follower: Follower) {
  const now = yield* Clock.currentTimeMillis
  const records = yield* page(follower.type, follower.from, now)
  const texts = new Map(records.map((record) => [JSON.stringify(record), record]))
  const fresh = [...texts].filter(([text]) => !follower.shown.has(text))
  const from = Math.max(follower.from, now - overlapMillis)
  return { fresh, follower: { ...follower, from, shown: new Set(texts.keys()) } }
})

export const tail = Command.make(
  "tail",
  {
    type: Flag.Literals("type", LogType.literals).pipe(
      Flag.withDefault("configuration"),
      Flag.withDescription("Which logs")
    ),
    since: Flag.Int("since").pipe(Flag.withDefault(0), Flag.withDescription("Begin so many seconds ago")),
    follow: Flag.Boolean("follow").pipe(
      Flag.withDefault(true),
      Flag.withDescription("Go on with what comes; --no-follow ends after the records there are")
    )
  },
  Effect.fn(function*({ follow, since, type }) {
    const output = yield* Output
    const from = (yield* Clock.currentTimeMillis) - since * 1_000
    const state = yield* Ref.make<Follower>({ type, from, shown: new Set() })
    const once = Effect.gen(function*() {
      const { follower, fresh } = yield* next(yield* Ref.get(state))
      yield* Effect.forEach(
        fresh,
        ([text, record]) => Console.log(output.forPeople ? recordLine(record, output.paint) : text)
      )
      yield* Ref.set(state, follower)
    })
    yield* follow ? Effect.repeat(once, Schedule.spaced("1 second")) : once
  })
).pipe(Command.withDescription("Follow the records that come in"))
