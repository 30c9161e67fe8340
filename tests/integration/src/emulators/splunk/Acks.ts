/**
 * Acknowledgements of indexers behind a load balancer: ids count from 0 on each channel of each indexer, are true a
 * while after their events came, and are answered with true once.
 */
import type { Asked } from "../http/listen.ts"

interface Channel {
  next: number
  /** When each that was not yet answered with true was taken. */
  readonly waiting: Map<number, number>
}

export class Acks {
  readonly #channels = new Map<string, Channel>()
  readonly #indexers: number
  readonly #millis: number
  #turn = 0

  constructor(indexers: number, millis: number) {
    this.#indexers = indexers
    this.#millis = millis
  }

  /** By its cookie; without one the next in turn. */
  #indexer({ headers }: Asked): number {
    const [, sticky] = /(?:^|; )indexer=(\d+)/.exec(headers["cookie"] ?? "") ?? []
    return sticky === undefined ? this.#turn++ % this.#indexers : Number(sticky)
  }

  #channel(name: string, indexer: number): Channel {
    const key = `${name}/${indexer}`
    const channel = this.#channels.get(key) ?? { next: 0, waiting: new Map<number, number>() }
    this.#channels.set(key, channel)
    return channel
  }

  take(asked: Asked, name: string): { readonly ackId: number; readonly headers: Readonly<Record<string, string>> } {
    const indexer = this.#indexer(asked)
    const channel = this.#channel(name, indexer)
    const ackId = channel.next++
    channel.waiting.set(ackId, performance.now())
    const cookie = `indexer=${indexer}; Path=/; Expires=Mon, 30 Nov 2099 00:00:00 GMT`
    return { ackId, headers: this.#indexers > 1 ? { "set-cookie": cookie } : {} }
  }

  answer(asked: Asked, name: string, ids: ReadonlyArray<unknown>): Readonly<Record<string, boolean>> {
    const { waiting } = this.#channel(name, this.#indexer(asked))
    const answers = ids.map((id) => {
      const at = typeof id === "number" ? waiting.get(id) : undefined
      const isIndexed = at !== undefined && performance.now() - at >= this.#millis
      if (isIndexed && typeof id === "number") waiting.delete(id)
      return [String(id), isIndexed] as const
    })
    return Object.fromEntries(answers)
  }
}
