/** What an owner may read of a failure: the service's code and first line, without anything that could be a secret. */
import { ownersText } from "../network/OwnersText.ts"
import type { S3Failure } from "./S3Failure.ts"

/** Node's errors already begin with their code; the SDK's hint about hidden fields helps nobody. */
const firstLine = (message: string) => (message.trim().split("\n", 1)[0] ?? "").trim()

/** Not yet cut to length, and not yet without secrets. */
export const describeFailure = ({ code, message, status }: S3Failure): string => {
  const line = firstLine(message)
  const named = /^\d+$|^(Error|UnknownError|Unknown|NodeError)$/.test(code) ? "" : code
  const parts = [status === null ? "" : `HTTP ${status}`, named].filter((part) => part !== "").join(" ")
  if (line === "" || line === "UnknownError" || line === named || line === "Unknown") {
    return parts === ""
      ? "no answer"
      : parts
  }
  return parts === "" || line.startsWith(parts) ? line : `${parts}: ${line}`
}

/** `secrets` are cut out wherever a service might echo them. */
export const ownersMessage = (failure: S3Failure, secrets: ReadonlyArray<string>): string =>
  ownersText(describeFailure(failure), secrets)
