/** `elastic`: a data stream's bulk endpoint, and either user and password or an API key. */
import { type ElasticConfig, ElasticScheme } from "@tailrace/domain"
import { Result } from "effect"
import { failWith, given, oneOf, required, secretOf, userOf } from "./Given.ts"
import type { WantedType } from "./WantedType.ts"

export const elastic: WantedType<ElasticConfig> = {
  secretField: "token",
  fieldNames: { scheme: "authScheme" },
  read: (body, before) =>
    Result.gen(function*() {
      const url = yield* required("url", body.url)
      const scheme = yield* oneOf("authScheme", {
        given: given(body.authScheme),
        words: ElasticScheme.literals,
        otherwise: before?.scheme ?? "auto"
      })
      const user = userOf(body.user)
      if (scheme === "basic" && user.user === undefined) yield* failWith("user", "is required by authScheme \"basic\"")
      return { config: { _tag: "elastic" as const, url, scheme, ...user }, secret: secretOf(body.token) }
    }),
  show: ({ scheme }) => ({ authScheme: scheme })
}
