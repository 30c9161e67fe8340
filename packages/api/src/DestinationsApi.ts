/** Our extension of log streaming: any number of destinations for each kind of log. */
import { DestinationId } from "@tailrace/domain"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Authenticated } from "./Conventions.ts"
import { DestinationStatus, HistoryEntry, TestResult } from "./DestinationStatus.ts"
import { logPath, tailnetPath } from "./Field.ts"
import { DestinationAnswer } from "./DestinationAnswer.ts"
import { DestinationBody, NewDestinationBody } from "./StreamBody.ts"

const all = "/tailnet/:tailnet/logging/:logType/destinations"
const one = "/tailnet/:tailnet/destinations/:destination"
const params = { ...tailnetPath, destination: DestinationId }
const done = HttpApiSchema.Empty(200)

export class DestinationsGroup extends HttpApiGroup.make("destinations")
  .add(
    HttpApiEndpoint.get("list", all, {
      params: logPath,
      success: Schema.Struct({ destinations: Schema.Array(DestinationAnswer) })
    }).annotate(OpenApi.Summary, "Destinations of one kind of log"),
    HttpApiEndpoint.post("create", all, { params: logPath, payload: NewDestinationBody, success: DestinationAnswer })
      .annotate(OpenApi.Summary, "Add a destination"),
    HttpApiEndpoint.get("get", one, { params, success: DestinationAnswer }).annotate(
      OpenApi.Summary,
      "One destination"
    ),
    HttpApiEndpoint.put("update", one, { params, payload: DestinationBody, success: DestinationAnswer }).annotate(
      OpenApi.Summary,
      "Change a destination; without a secret it keeps its own"
    ),
    HttpApiEndpoint.delete("delete", one, { params, success: done }).annotate(OpenApi.Summary, "Delete a destination"),
    HttpApiEndpoint.post("pause", `${one}/pause`, { params, success: done }).annotate(
      OpenApi.Summary,
      "Stop sending; the place is kept"
    ),
    HttpApiEndpoint.post("resume", `${one}/resume`, { params, success: done }).annotate(
      OpenApi.Summary,
      "Send again from the place that was kept"
    ),
    HttpApiEndpoint.post("test", `${one}/test`, { params, success: TestResult }).annotate(
      OpenApi.Summary,
      "Write a small object, or send an event that is marked as a test, and say what the destination can do; " +
        "waits up to 30 seconds"
    ),
    HttpApiEndpoint.get("status", `${one}/status`, { params, success: DestinationStatus }).annotate(
      OpenApi.Summary,
      "How it is doing, leg by leg"
    ),
    HttpApiEndpoint.get("history", `${one}/history`, {
      params,
      success: Schema.Struct({ history: Schema.Array(HistoryEntry) })
    }).annotate(OpenApi.Summary, "Changes and deliveries, newest last")
  )
  .middleware(Authenticated)
  .annotateMerge(OpenApi.annotations({ title: "Destinations", description: "Extension of Tailscale's API." }))
{}
