/** Adapter: how long a request may take until its connection is up, and between two bytes of its body. */
import { Duration } from "effect"
import type { ClientRequest, IncomingMessage } from "node:http"
import { onConnected } from "./RequestBody.ts"

/** Name resolution, TCP and TLS together. */
const connectTimeout = Duration.seconds(5)

/** A connection that takes no byte of a body for this long will take none at all. */
const stallTimeout = Duration.seconds(10)

const connectTimedOut = () =>
  Object.assign(new Error(`no connection within ${Duration.toSeconds(connectTimeout)} s`), {
    code: "ETIMEDOUT",
    syscall: "connect"
  })

export interface Watched {
  /** TLS. */
  readonly secure: boolean
  /** The whole request has been handed to the operating system. */
  readonly isSent: () => boolean
  /** What is said of a body that is not taken. */
  readonly stalled: (after: Duration.Duration) => string
}

/** Destroys the request with `ETIMEDOUT`. */
export const limitTimes = (request: ClientRequest, { isSent, secure, stalled }: Watched) => {
  const connecting = setTimeout(() => request.destroy(connectTimedOut()), Duration.toMillis(connectTimeout))
  request.once("close", () => clearTimeout(connecting))
  onConnected(request, secure, () => {
    clearTimeout(connecting)
    // Node's idle timer looks at whether the operating system takes bytes; waiting for the answer is another matter.
    request.setTimeout(Duration.toMillis(stallTimeout), () => {
      if (!isSent()) request.destroy(Object.assign(new Error(stalled(stallTimeout)), { code: "ETIMEDOUT" }))
    })
  })
}

/** A header that came more than once is one text. */
export const headersOf = ({ headers }: IncomingMessage): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]))
