/** `splunk`, `panther`, `cribl`, `crowdstrike`: a URL, a token, and how the token is shown. */
import {
  type CriblConfig,
  type CrowdstrikeConfig,
  type HecConfig,
  HecScheme,
  type PantherConfig,
  type SplunkConfig
} from "@tailrace/domain"
import { Result } from "effect"
import { given, headerSecretOf, oneOf, required, userOf } from "./Given.ts"
import type { WantedType } from "./WantedType.ts"

type HecFields = Omit<HecConfig, "_tag">

const hec = <Config extends HecConfig>(configOf: (fields: HecFields) => Config): WantedType<Config> => ({
  secretField: "token",
  fieldNames: { scheme: "authScheme" },
  read: (body, before) =>
    Result.gen(function*() {
      const url = yield* required("url", body.url)
      const scheme = yield* oneOf("authScheme", {
        given: given(body.authScheme),
        words: HecScheme.literals,
        otherwise: before?.scheme ?? "auto"
      })
      const acknowledge = given(body.acknowledge) ?? before?.acknowledge ?? "auto"
      const secret = yield* headerSecretOf(body.token)
      return { config: configOf({ url, scheme, acknowledge, ...userOf(body.user) }), secret }
    }),
  show: ({ acknowledge, scheme }) => ({ authScheme: scheme, acknowledge })
})

export const splunk = hec((fields): SplunkConfig => ({ _tag: "splunk", ...fields }))
export const panther = hec((fields): PantherConfig => ({ _tag: "panther", ...fields }))
export const cribl = hec((fields): CriblConfig => ({ _tag: "cribl", ...fields }))
export const crowdstrike = hec((fields): CrowdstrikeConfig => ({ _tag: "crowdstrike", ...fields }))
