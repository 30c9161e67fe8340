/** How to reach a cluster, and which of its names are ours. Settings of the process are read elsewhere. */
import type { Topic } from "@tailrace/log"
import type { Effect, Redacted } from "effect"

/** PEM texts; what is absent is the system's. */
export interface KafkaTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: Redacted.Redacted
  /** False accepts any certificate: for trying only. */
  readonly verify: boolean
}

/** How this process proves who it is. */
export type KafkaSasl =
  | {
    readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512"
    readonly username: string
    readonly password: Redacted.Redacted
  }
  | {
    readonly mechanism: "OAUTHBEARER"
    /** Asked for before each authentication; the token must last for as long as the broker wants. */
    readonly token: Effect.Effect<Redacted.Redacted, { readonly message: string }>
  }

export interface KafkaOptions {
  /** `host:port`, at least one; IPv6 hosts in brackets. */
  readonly brokers: ReadonlyArray<string>
  /** Topics are `<prefix>.audit` and so on, groups `<prefix>.delivery`, transactional ids `<prefix>.lane.<lane>`. */
  readonly prefix: string
  /** For new topics; of topics that are there it is checked. */
  readonly lanes: number | undefined
  /** For new topics; default: 3, or as many as there are brokers. */
  readonly replicationFactor?: number
  readonly tls?: KafkaTls
  readonly sasl?: KafkaSasl
  /** How long the start waits for a cluster that does not answer, in milliseconds. */
  readonly patienceMillis: number
}

/** The topic's name in the cluster. */
export const topicName = ({ prefix }: Pick<KafkaOptions, "prefix">, topic: Topic): string => `${prefix}.${topic}`
