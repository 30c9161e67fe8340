/** The topic `secrets` in memory, as ciphertext: the newest value of each name, and the marks of master keys. */
import type { Lane, LogRecord } from "@tailrace/log"
import type { LogError } from "@tailrace/log"
import { type Effect, Result } from "effect"

/** Marks of master keys lie on one lane, so that there is a first one. */
export const keyCheckLane: Lane = 0

/** No tailnet's name begins like this, so no secret's does. */
const checkPrefix = "#key-check/"

export const checkKey = (id: string): string => `${checkPrefix}${id}`

/** Which master keys have left their mark, in the order of the log. */
export interface KeyCheck {
  first(): string | undefined
  has(id: string): boolean
  readonly reachEnd: Effect.Effect<void, LogError>
}

export const makeSecretFold = () => {
  const secrets = new Map<string, Uint8Array>()
  const marks = new Set<string>()
  const mark = (id: string, isThere: boolean) => isThere ? marks.add(id) : marks.delete(id)
  const set = (name: string, value: Uint8Array | null) =>
    value === null ? secrets.delete(name) : secrets.set(name, value)
  return {
    get: (name: string): Uint8Array | undefined => secrets.get(name),
    first: (): string | undefined => marks.values().next().value,
    has: (id: string): boolean => marks.has(id),
    /** Whatever is not ours lies there unread: a name is opened only when it is asked for. */
    apply: (_: Lane, { key, value }: LogRecord): Result.Result<void> => {
      if (key?.startsWith(checkPrefix) === true) mark(key.slice(checkPrefix.length), value !== null)
      else if (key !== null) set(key, value)
      return Result.succeed(undefined)
    }
  }
}
