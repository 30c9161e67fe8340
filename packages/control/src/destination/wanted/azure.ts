/** `azure`: an account key, or a shared access signature. */
import type { BadRequest, DestinationBody } from "@tailrace/api"
import type { AzureConfig } from "@tailrace/domain"
import { Result } from "effect"
import { given, keyPrefix, required, secretOf, userOf } from "./Given.ts"
import type { WantedType } from "./WantedType.ts"

const accountOf = (
  { azureAccount }: DestinationBody,
  auth: AzureConfig["auth"]
): Result.Result<string, BadRequest> =>
  auth === "sharedkey" ? required("azureAccount", azureAccount) : Result.succeed(given(azureAccount) ?? "")

export const azure: WantedType<AzureConfig> = {
  secretField: "azureSecret",
  fieldNames: {
    account: "azureAccount",
    container: "azureContainer",
    keyPrefix: "azureKeyPrefix",
    auth: "azureAuthenticationType"
  },
  read: (body, before) =>
    Result.gen(function*() {
      const auth = given(body.azureAuthenticationType) ?? before?.auth ?? "sharedkey"
      const account = yield* accountOf(body, auth)
      const config: AzureConfig = {
        _tag: "azure",
        url: given(body.url) ??
          (account === "" ? yield* required("url", "") : `https://${account}.blob.core.windows.net`),
        account,
        container: yield* required("azureContainer", body.azureContainer),
        keyPrefix: yield* keyPrefix("azureKeyPrefix", body.azureKeyPrefix),
        auth,
        ...userOf(body.user)
      }
      return { config, secret: secretOf(body.azureSecret) }
    }),
  show: ({ account, auth, container, keyPrefix }) => ({
    azureAccount: account,
    azureContainer: container,
    azureKeyPrefix: keyPrefix,
    azureAuthenticationType: auth
  })
}
