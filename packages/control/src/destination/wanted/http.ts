/** `http`: any endpoint, with or without a secret. */
import type { BadRequest, DestinationBody } from "@tailrace/api"
import { type HttpConfig, HttpScheme } from "@tailrace/domain"
import { Result } from "effect"
import { failWith, given, headerSecretOf, oneOf, required, secretOf, userOf } from "./Given.ts"
import type { GivenSecret, WantedType } from "./WantedType.ts"

/** A token alone is meant to be shown as one. */
const schemeOf = ({ authScheme, token }: DestinationBody, before: HttpConfig | undefined) =>
  oneOf("authScheme", {
    given: given(authScheme),
    words: HttpScheme.literals,
    otherwise: before?.scheme ?? (given(token) === undefined ? "none" : "bearer")
  })

const tokenOf = (body: DestinationBody, scheme: HttpConfig["scheme"]): Result.Result<GivenSecret, BadRequest> => {
  if (scheme === "bearer") return headerSecretOf(body.token)
  if (scheme !== "none") return Result.succeed(secretOf(body.token))
  return given(body.token) === undefined
    ? Result.succeed("none")
    : failWith("token", "has no use with authScheme \"none\": leave one of them out")
}

export const http: WantedType<HttpConfig> = {
  secretField: "token",
  fieldNames: { scheme: "authScheme", headers: "httpHeaders", format: "httpFormat" },
  read: (body, before) =>
    Result.gen(function*() {
      const url = yield* required("url", body.url)
      const scheme = yield* schemeOf(body, before)
      const user = userOf(body.user)
      if (scheme === "basic" && user.user === undefined) yield* failWith("user", "is required by authScheme \"basic\"")
      const config: HttpConfig = {
        _tag: "http",
        url,
        scheme,
        format: given(body.httpFormat) ?? before?.format ?? "ndjson",
        headers: body.httpHeaders ?? before?.headers ?? {},
        ...user
      }
      return { config, secret: yield* tokenOf(body, scheme) }
    }),
  show: ({ format, headers, scheme }) => ({ authScheme: scheme, httpFormat: format, httpHeaders: headers })
}
