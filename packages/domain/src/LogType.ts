/** The two kinds of logs of a tailnet, in the API's words, and the topics that carry them. */
import { Schema } from "effect"

export const LogType = Schema.Literals(["configuration", "network"])
export type LogType = typeof LogType.Type

/** Topic of each log type. */
export const topicOf = { configuration: "audit", network: "flow" } as const satisfies Record<LogType, string>
