/** `datadog`: a site's intake and an API key. */
import type { DatadogConfig } from "@tailrace/domain"
import { Result } from "effect"
import { headerSecretOf, required, userOf } from "./Given.ts"
import type { WantedType } from "./WantedType.ts"

export const datadog: WantedType<DatadogConfig> = {
  secretField: "token",
  fieldNames: {},
  read: ({ token, url, user }) =>
    Result.gen(function*() {
      const config = { _tag: "datadog" as const, url: yield* required("url", url), ...userOf(user) }
      return { config, secret: yield* headerSecretOf(token) }
    }),
  show: () => ({})
}
