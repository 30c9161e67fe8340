/** `axiom`: a dataset's ingest endpoint and an API token. */
import type { AxiomConfig } from "@tailrace/domain"
import { Result } from "effect"
import { headerSecretOf, required, userOf } from "./Given.ts"
import type { WantedType } from "./WantedType.ts"

export const axiom: WantedType<AxiomConfig> = {
  secretField: "token",
  fieldNames: {},
  read: ({ token, url, user }) =>
    Result.gen(function*() {
      const config = { _tag: "axiom" as const, url: yield* required("url", url), ...userOf(user) }
      return { config, secret: yield* headerSecretOf(token) }
    }),
  show: () => ({})
}
