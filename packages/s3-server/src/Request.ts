/** One request and its answer, as operations see them. The sockets are `Http`'s. */
import type { Readable } from "node:stream"

export interface Request {
  readonly method: string
  readonly bucket: string
  readonly key: string
  readonly query: ReadonlyMap<string, string>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Tells a waiting client to go on (`100 Continue`), then hands out the body. */
  readonly body: () => Readable
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** A stream is sent as long as the request's scope is open. */
  readonly body: string | Readable
}

export const empty = (status: number, headers: Reply["headers"] = {}): Reply => ({ status, headers, body: "" })

export const xml = (status: number, body: string): Reply => ({
  status,
  headers: { "content-type": "application/xml" },
  body
})
