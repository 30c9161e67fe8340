/** `gcs`: a service account's key, which is a secret, or workload identity, which is none and is shown. */
import type { BadRequest } from "@tailrace/api"
import type { GcsConfig } from "@tailrace/domain"
import { Option, Redacted, Result, Schema } from "effect"
import { failWith, given, keyPrefix, required, userOf } from "./Given.ts"
import type { GivenSecret, WantedType } from "./WantedType.ts"

const ServiceAccount = Schema.Struct({
  type: Schema.Literal("service_account"),
  client_email: Schema.NonEmptyString,
  private_key: Schema.NonEmptyString
})

const WorkloadIdentity = Schema.Struct({ type: Schema.Literal("external_account"), audience: Schema.NonEmptyString })

const isOfForm = <S extends Schema.Top & { readonly DecodingServices: never }>(schema: S) => (text: string) =>
  Option.isSome(Schema.decodeOption(Schema.fromJsonString(schema))(text))

const isServiceAccount = isOfForm(ServiceAccount)
const isWorkloadIdentity = isOfForm(WorkloadIdentity)

interface Credentials {
  readonly workloadIdentity?: string
  readonly secret: GivenSecret
}

const form = "must be the JSON text of a service account's key (with client_email and private_key) " +
  "or of external_account credentials"

/** Text that is refused is not repeated: it may be a key. */
const credentialsOf = (text: string | undefined): Result.Result<Credentials, BadRequest> => {
  if (text === undefined) return Result.succeed({ secret: "absent" })
  if (isServiceAccount(text)) return Result.succeed({ secret: Redacted.make(text) })
  return isWorkloadIdentity(text)
    ? Result.succeed({ workloadIdentity: text, secret: "none" })
    : failWith("gcsCredentials", form)
}

export const gcs: WantedType<GcsConfig> = {
  secretField: "gcsCredentials",
  fieldNames: {
    bucket: "gcsBucket",
    keyPrefix: "gcsKeyPrefix",
    scopes: "gcsScopes",
    workloadIdentity: "gcsCredentials"
  },
  read: (body) =>
    Result.gen(function*() {
      const bucket = yield* required("gcsBucket", body.gcsBucket)
      const { secret, ...credentials } = yield* credentialsOf(given(body.gcsCredentials))
      const config: GcsConfig = {
        _tag: "gcs",
        url: given(body.url) ?? "",
        bucket,
        keyPrefix: yield* keyPrefix("gcsKeyPrefix", body.gcsKeyPrefix),
        scopes: body.gcsScopes ?? [],
        ...credentials,
        ...userOf(body.user)
      }
      return { config, secret }
    }),
  show: ({ bucket, keyPrefix, scopes, workloadIdentity }) => ({
    gcsBucket: bucket,
    gcsKeyPrefix: keyPrefix,
    gcsScopes: scopes,
    ...(workloadIdentity === undefined ? {} : { gcsCredentials: workloadIdentity })
  })
}
