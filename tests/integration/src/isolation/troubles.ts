/** Ten ways in which a destination can fail, each with what mends it. */
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3"
import type { S3Config } from "@tailrace/domain"
import type { ControlLog, Secrets } from "@tailrace/event-store"
import { Effect, Redacted, type Scope } from "effect"
import { freePort } from "../kill/Site.ts"
import { type Fate, httpProxy, isUpload, type Seen } from "../proxy/HttpProxy.ts"
import { accessKeyId, secretAccessKey } from "../s3/S3ServerKind.ts"
import { configFor, S3Site } from "../s3/S3Site.ts"
import { type Neighbour, neighbour, update } from "./Neighbours.ts"

export interface Trouble {
  readonly name: string
  readonly neighbour: Neighbour
  readonly mend: Effect.Effect<void, never, ControlLog | Secrets | Scope.Scope>
}

const pass: Fate = { _tag: "Pass" }

/** A store behind a proxy that deals with requests in its own way until it is mended. */
const behind = (name: string, fate: (request: Seen) => Fate) =>
  Effect.fnUntraced(function*(n: number) {
    const proxy = yield* httpProxy((yield* S3Site).port)
    proxy.fate = fate
    const mend = Effect.sync(() => {
      proxy.fate = () => pass
      proxy.cutAll()
    })
    const trouble: Trouble = { name, neighbour: neighbour(n, configFor(proxy.url)), mend }
    return trouble
  })

/** Wrong from the start, until somebody changes the configuration. */
const misconfigured = (name: string, wrong: (url: string) => Partial<S3Config>) =>
  Effect.fnUntraced(function*(n: number) {
    const { url } = yield* S3Site
    const right = neighbour(n, configFor(url))
    const trouble: Trouble = {
      name,
      neighbour: { ...right, config: { ...right.config, ...wrong(url) } },
      mend: Effect.orDie(update(right))
    }
    return trouble
  })

const wrongSecret = Effect.fnUntraced(function*(n: number) {
  const { url } = yield* S3Site
  const right = neighbour(n, configFor(url))
  const trouble: Trouble = {
    name: "wrong secret",
    neighbour: { ...right, secret: Redacted.make("not-the-secret") },
    mend: Effect.orDie(update(right))
  }
  return trouble
})

export const lateBucket = "made-later"

const createBucket = (url: string) =>
  Effect.acquireUseRelease(
    Effect.sync(() =>
      new S3Client({
        endpoint: url,
        region: "us-east-1",
        forcePathStyle: true,
        credentials: { accessKeyId, secretAccessKey: Redacted.value(secretAccessKey) }
      })
    ),
    (client) => Effect.asVoid(Effect.promise(() => client.send(new CreateBucketCommand({ Bucket: lateBucket })))),
    (client) => Effect.sync(() => client.destroy())
  )

const missingBucket = Effect.fnUntraced(function*(n: number) {
  const { url } = yield* S3Site
  const trouble: Trouble = {
    name: "missing bucket",
    neighbour: neighbour(n, configFor(url, { bucket: lateBucket })),
    mend: createBucket(url)
  }
  return trouble
})

const refused = Effect.fnUntraced(function*(n: number) {
  const site = yield* S3Site
  const port = yield* freePort
  const trouble: Trouble = {
    name: "connection refused",
    neighbour: neighbour(n, configFor(`http://127.0.0.1:${port}`)),
    mend: Effect.asVoid(httpProxy(site.port, port))
  }
  return trouble
})

/** Only objects meet it, not the probe before: there is a seal, and perhaps its object, when it is mended. */
const uploads = (fate: Fate) => (request: Seen): Fate => isUpload(request) ? fate : pass

/** Every other answer, so that the second attempt finds what the first one stored. */
const alternately = (fate: Fate) => {
  let turn = 0
  return (request: Seen): Fate => isUpload(request) && turn++ % 2 === 0 ? fate : pass
}

const headForbidden = () => {
  const lost = alternately({ _tag: "Cut" })
  return (request: Seen): Fate =>
    request.method === "HEAD" ? { _tag: "Refuse", status: 403, headers: {} } : lost(request)
}

/** In the order of their numbers. */
export const troubles = Effect.fn("troubles")(function*(first: number) {
  const makers = [
    wrongSecret,
    missingBucket,
    refused,
    behind("no answer, too much to send", uploads({ _tag: "Silence" })),
    behind("503", () => ({ _tag: "Refuse", status: 503, headers: {} })),
    behind("429", () => ({ _tag: "Refuse", status: 429, headers: { "retry-after": "2" } })),
    behind("slow answers", () => ({ _tag: "Hold", millis: 5_000 })),
    behind("answers cut", uploads({ _tag: "Cut" })),
    behind("HEAD forbidden, every other answer cut", headForbidden()),
    misconfigured("TLS", (url) => ({ url: url.replace("http:", "https:") }))
  ]
  return yield* Effect.forEach(makers, (make, index) => make(first + index))
})
