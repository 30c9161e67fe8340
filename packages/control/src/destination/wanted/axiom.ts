/** `axiom`: a dataset's ingest endpoint and an API token. */
import type { AxiomConfig } from "@tailrace/domain"
import { Result } from "effect"
import { required, secretOf, userOf } from "./Given.ts"
import type { WantedType } from "./WantedType.ts"

export const axiom: WantedType<AxiomConfig> = {
  secretField: "token",
  fieldNames: {},
  read: ({ token, url, user }) =>
    Result.map(required("url", url), (url) => ({
      config: { _tag: "axiom", url, ...userOf(user) },
      secret: secretOf(token)
    })),
  show: () => ({})
}
