/** The whole application with one destination of a tailnet's flow logs; it may be killed and started again. */
import { Effect, Exit, Schema, Scope } from "effect"
import path from "node:path"
import { askWell } from "../app/Ask.ts"
import { type Running, startTailrace, temporaryFolder } from "../app/Tailrace.ts"

const api = "/api/v2/tailnet/-"

/** Private addresses are for operators to allow. */
const settings = { TAILRACE_DEMO: "0", TAILRACE_ALLOW_ENDPOINTS: "127.0.0.0/8" }

const Created = Schema.fromJsonString(Schema.Struct({ id: Schema.String }))

export interface Look {
  readonly state: string
  readonly text: string
}

const start = Effect.fnUntraced(function*(data: string) {
  const scope = yield* Scope.make()
  const running = yield* Scope.provide(startTailrace(data, settings), scope)
  return { scope, running }
})

/** Posts, looks and kills; all of it ends with the scope. */
export const receiverSite = Effect.fn("receiverSite")(function*(destination: object) {
  const data = path.join(yield* temporaryFolder, "data")
  let life = yield* start(data)
  yield* Effect.addFinalizer(() => Scope.close(life.scope, Exit.void))
  const url = () => (life.running satisfies Running).url
  yield* askWell(url(), { method: "PATCH", path: `${api}/settings`, body: `{"networkFlowLoggingOn":true}` })
  const created = yield* askWell(url(), {
    method: "POST",
    path: `${api}/logging/network/destinations`,
    body: JSON.stringify(destination)
  })
  const { id } = yield* Schema.decodeEffect(Created)(created)
  const of = `${api}/destinations/${id}`
  return {
    post: (records: ReadonlyArray<string>) =>
      askWell(url(), {
        method: "POST",
        path: `${api}/logging/network/records`,
        body: records.join("\n"),
        contentType: "application/x-ndjson"
      }),
    status: Effect.suspend(() => askWell(url(), { method: "GET", path: `${of}/status` })),
    test: Effect.suspend(() => askWell(url(), { method: "POST", path: `${of}/test` })),
    /** `kill -9`, and a new process on the same data. */
    killAndStart: Effect.gen(function*() {
      yield* Scope.close(life.scope, Exit.void)
      life = yield* start(data)
    })
  }
})
