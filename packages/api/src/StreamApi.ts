/** Tailscale's log streaming calls: the one fixed destination of each kind of log. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Authenticated } from "./Conventions.ts"
import { StreamStatus } from "./DestinationStatus.ts"
import { logPath } from "./Field.ts"
import { StreamAnswer } from "./DestinationAnswer.ts"
import { StreamBody } from "./StreamBody.ts"

const path = "/tailnet/:tailnet/logging/:logType/stream"
const texts = { description: "Kept: the last 90 days of audit logs, the last 30 days of flow logs." }
const moments = {
  start: Schema.String.annotate({ description: "RFC 3339, inclusive." }),
  end: Schema.String.annotate({ description: "RFC 3339, inclusive." })
}
const several = (description: string) => Schema.optionalKey(Schema.Array(Schema.String)).annotate({ description })

export class StreamGroup extends HttpApiGroup.make("stream")
  .add(
    HttpApiEndpoint.get("get", path, { params: logPath, success: StreamAnswer }).annotate(
      OpenApi.Summary,
      "The streaming configuration; 404 when there is none"
    ),
    HttpApiEndpoint.put("put", path, { params: logPath, payload: StreamBody, success: HttpApiSchema.Empty(200) })
      .annotate(OpenApi.Summary, "Create or change the streaming configuration"),
    HttpApiEndpoint.delete("delete", path, { params: logPath, success: HttpApiSchema.Empty(200) }).annotate(
      OpenApi.Summary,
      "Stop streaming"
    ),
    HttpApiEndpoint.get("status", `${path}/status`, { params: logPath, success: StreamStatus }).annotate(
      OpenApi.Summary,
      "How streaming is doing"
    )
  )
  .middleware(Authenticated)
  .annotateMerge(OpenApi.annotations({ title: "Log streaming", description: "As in Tailscale's API v2." }))
{}

/** Reading logs back. Both calls answer one JSON object, streamed, oldest record first. */
export class LogsGroup extends HttpApiGroup.make("logs")
  .add(
    HttpApiEndpoint.get("configuration", "/tailnet/:tailnet/logging/configuration", {
      params: { tailnet: logPath.tailnet },
      query: {
        ...moments,
        actor: several("Repeatable: an actor's id, or `~text` to search in login and display name."),
        target: several("Repeatable: text in any part of the target."),
        event: several("Repeatable: an event name such as `TAILNET.UPDATE.LOGSTREAM_ENDPOINT`.")
      },
      success: HttpApiSchema.StreamUint8Array({ contentType: "application/json" })
    }).annotate(OpenApi.Summary, "Configuration audit logs"),
    HttpApiEndpoint.get("network", "/tailnet/:tailnet/logging/network", {
      params: { tailnet: logPath.tailnet },
      query: moments,
      success: HttpApiSchema.StreamUint8Array({ contentType: "application/json" })
    }).annotate(OpenApi.Summary, "Network flow logs")
  )
  .middleware(Authenticated)
  .annotateMerge(OpenApi.annotations({ title: "Logs", ...texts }))
{}
