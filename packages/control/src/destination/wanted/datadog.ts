/** `datadog`: a site's intake and an API key. */
import type { DatadogConfig } from "@tailrace/domain"
import { Result } from "effect"
import { required, secretOf, userOf } from "./Given.ts"
import type { WantedType } from "./WantedType.ts"

export const datadog: WantedType<DatadogConfig> = {
  secretField: "token",
  fieldNames: {},
  read: ({ token, url, user }) =>
    Result.map(required("url", url), (url) => ({
      config: { _tag: "datadog", url, ...userOf(user) },
      secret: secretOf(token)
    })),
  show: () => ({})
}
