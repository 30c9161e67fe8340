/**
 * FindCoordinator, version 1 (brokers 0.11 to 4.x): the broker that keeps a group or a transactional id.
 *
 * Source: kafka.apache.org/protocol, "FindCoordinator API (Key: 10)".
 */
import type { Address } from "../Address.ts"
import type { Api, Throttled } from "../Api.ts"
import type { Coordinated } from "../Cluster.ts"

export interface FindCoordinatorAnswer extends Throttled {
  readonly errorCode: number
  /** −1 with an error. */
  readonly broker: number
  readonly address: Address
}

export const findCoordinator: Api<Coordinated, FindCoordinatorAnswer> = {
  name: "FindCoordinator",
  key: 10,
  version: 1,
  write: (writer, { id, kind }) => {
    writer.string(id).int8(kind === "group" ? 0 : 1)
  },
  read: (reader) => {
    const throttleMillis = reader.int32()
    const errorCode = reader.int16()
    reader.nullableString()
    const broker = reader.int32()
    return { throttleMillis, errorCode, broker, address: { host: reader.string(), port: reader.int32() } }
  }
}
