/** The coordinator's end of a connection: question and answer pass through the bytes of the protocol. */
import { Clock, Deferred, Effect } from "effect"
import type { Api } from "../../src/wire/Api.ts"
import { Heartbeat } from "../../src/wire/requests/Heartbeat.ts"
import { JoinGroup } from "../../src/wire/requests/JoinGroup.ts"
import { LeaveGroup } from "../../src/wire/requests/LeaveGroup.ts"
import { SyncGroup } from "../../src/wire/requests/SyncGroup.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import { readHeartbeat, readJoin, readLeave, readSync, writeCode, writeJoined, writeSynced } from "./Bytes.ts"
import { type Coordinator, joinError, syncError } from "./Coordinator.ts"

interface Asked {
  readonly api: string
  readonly question: Reader
  readonly client: string
  readonly now: number
}

type Answering = (coordinator: Coordinator, asked: Asked) => Effect.Effect<Uint8Array>

const code = (errorCode: number): Uint8Array => writeCode({ throttleMillis: 0, errorCode })

const answering: Record<string, Answering> = {
  [JoinGroup.name]: (coordinator, { client, now, question }) =>
    Effect.map(Deferred.await(coordinator.join(readJoin(question), client, now)), writeJoined),
  [SyncGroup.name]: (coordinator, { now, question }) =>
    Effect.map(Deferred.await(coordinator.sync(readSync(question), now)), writeSynced),
  [Heartbeat.name]: (coordinator, { now, question }) =>
    Effect.sync(() => code(coordinator.heartbeat(readHeartbeat(question), now))),
  [LeaveGroup.name]: (coordinator, { now, question }) =>
    Effect.sync(() => code(coordinator.leave(readLeave(question), now)))
}

const refusing: Record<string, (errorCode: number) => Uint8Array> = {
  [JoinGroup.name]: (errorCode) => writeJoined(joinError(errorCode, "")),
  [SyncGroup.name]: (errorCode) => writeSynced(syncError(errorCode))
}

interface Call<Question, Answer> {
  readonly api: Api<Question, Answer>
  readonly question: Question
  /** Whose process asks: the first part of its member id. */
  readonly client: string
}

/** The answer with this error code, whatever was asked. */
export const refuse = <Question, Answer>(api: Api<Question, Answer>, errorCode: number): Answer =>
  api.read(new Reader((refusing[api.name] ?? code)(errorCode)))

export const answerTo = Effect.fnUntraced(
  function*<Question, Answer>(coordinator: Coordinator, { api, client, question }: Call<Question, Answer>) {
    const writer = new Writer()
    api.write(writer, question)
    const answer = answering[api.name]
    if (answer === undefined) return yield* Effect.die(`not a call of groups: ${api.name}`)
    const now = yield* Clock.currentTimeMillis
    const bytes = yield* answer(coordinator, { api: api.name, question: new Reader(writer.bytes), client, now })
    return api.read(new Reader(bytes))
  }
)
