/**
 * The whole HTTP contract: Tailscale's API v2 as far as log streaming needs it, and our extensions in the same
 * conventions. No server code: safe to import from a client.
 */
import { HttpApi, OpenApi } from "effect/http-api"
import { IngestTokensGroup, KeysGroup, UsersGroup } from "./AccessApi.ts"
import { AwsExternalIdGroup } from "./AwsExternalIdApi.ts"
import { JsonErrors } from "./Conventions.ts"
import { DestinationsGroup } from "./DestinationsApi.ts"
import { LogsGroup, StreamGroup } from "./StreamApi.ts"
import { SettingsGroup, TailnetsGroup } from "./TailnetApi.ts"

/** Base path of every endpoint. */
export const basePath = "/api/v2"

const description = `Log streaming for tailnets.

Show an API key as user name of HTTP Basic (\`curl -u tskey-api-…:\`) or as Bearer token. \`-\` stands for the
tailnet of the key. Every error is \`{"message": …}\`. Fields that nobody knows are refused with their name; an empty
text, an empty list and null mean the same as absence.`

export class TailraceApi extends HttpApi.make("tailrace")
  .add(
    StreamGroup,
    LogsGroup,
    AwsExternalIdGroup,
    SettingsGroup,
    DestinationsGroup,
    TailnetsGroup,
    UsersGroup,
    KeysGroup,
    IngestTokensGroup
  )
  .prefix(basePath)
  .middleware(JsonErrors)
  .annotateMerge(OpenApi.annotations({ title: "Tailrace", version: "2", description, license: { name: "Apache-2.0" } }))
  .annotate(HttpApi.PayloadParseOptions, { onExcessProperty: "error", errors: "all" })
{}
