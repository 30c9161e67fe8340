/**
 * Google's Security Token Service and its IAM Credentials API, and the metadata service of an AWS instance: what a
 * workload identity goes through. Each checks what its document says.
 */
import { Effect } from "effect"
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import { httpServer, httpsServer } from "../store/listening.ts"

export const audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/aws"

const readBody = async (request: IncomingMessage) => {
  let text = ""
  for await (const chunk of request) text += String(chunk)
  return text
}

const json = (response: ServerResponse, status: number, value: unknown) =>
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value))

/** IMDSv2: nothing without the session's token. `http` is its base URL. */
export const instanceMetadata = Effect.gen(function*() {
  const asked: Array<string> = []
  const answers: Readonly<Record<string, string>> = {
    "/zone": "us-east-2b",
    "/credentials": "tailrace-role\n",
    "/credentials/tailrace-role": JSON.stringify({
      AccessKeyId: "ASIAEXAMPLE",
      SecretAccessKey: "aws-secret",
      Token: "aws-session"
    })
  }
  const listener: RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (request.method === "PUT" && request.headers["x-aws-ec2-metadata-token-ttl-seconds"] === "300") {
      response.end("imds-session")
    } else if (request.headers["x-aws-ec2-metadata-token"] !== "imds-session") {
      response.writeHead(401).end("a page of the inside")
    } else {
      const answer = answers[request.url ?? ""]
      response.writeHead(answer === undefined ? 404 : 200).end(answer ?? "a page of the inside")
    }
  }
  return { url: yield* httpServer(listener), asked }
})

interface SignedRequest {
  readonly url: string
  readonly method: string
  readonly headers: ReadonlyArray<{ readonly key: string; readonly value: string }>
}

/** What is wrong with a signed `GetCallerIdentity`; null if nothing is that can be seen without asking AWS. */
const awsComplaint = (token: string): string | null => {
  const request: SignedRequest = JSON.parse(decodeURIComponent(token))
  const headers = Object.fromEntries(request.headers.map(({ key, value }) => [key.toLowerCase(), value]))
  if (request.method !== "POST") return "method"
  if (request.url !== "https://sts.us-east-2.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15") return "url"
  if (headers["host"] !== "sts.us-east-2.amazonaws.com") return "host"
  if (headers["x-goog-cloud-target-resource"] !== audience) return "x-goog-cloud-target-resource"
  if (headers["x-amz-security-token"] !== "aws-session") return "x-amz-security-token"
  const start = "AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/\\d{8}/us-east-2/sts/aws4_request"
  const signature = new RegExp(`^${start}, SignedHeaders=([a-z0-9;-]+), Signature=[0-9a-f]{64}$`)
  const signed = signature.exec(headers["authorization"] ?? "")?.[1]
  return signed === "host;x-amz-date;x-amz-security-token;x-goog-cloud-target-resource" ? null : "authorization"
}

const exchange = (response: ServerResponse, form: URLSearchParams) => {
  const isUrl = form.get("subject_token_type") === "urn:ietf:params:oauth:token-type:jwt"
  const token = form.get("subject_token") ?? ""
  const wrong = isUrl ? (token === "jwt-of-a-workload" ? null : "subject_token") : awsComplaint(token)
  const complaint = form.get("audience") === audience ? wrong : "audience"
  if (complaint !== null) return json(response, 400, { error: "invalid_request", error_description: complaint })
  return json(response, 200, {
    access_token: `federated for ${form.get("scope")}`,
    issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
    token_type: "Bearer",
    expires_in: 3_600
  })
}

const impersonate = (request: IncomingMessage, response: ServerResponse, body: string) => {
  const federated = "Bearer federated for https://www.googleapis.com/auth/cloud-platform"
  if (request.headers.authorization !== federated || request.url?.includes("/denied:") === true) {
    const message = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."
    return json(response, 403, { error: { code: 403, message, status: "PERMISSION_DENIED" } })
  }
  const { lifetime, scope } = JSON.parse(body)
  const expireTime = new Date(Date.now() + 3_600_000).toISOString()
  return json(response, 200, { accessToken: `impersonated ${lifetime} ${scope}`, expireTime })
}

/** Its port; the names of both services are in its certificate (`fixtures/google-tls`). */
export const google = httpsServer("google-tls", (request, response) => {
  void readBody(request).then((body) => {
    if (request.headers.host?.startsWith("sts.")) exchange(response, new URLSearchParams(body))
    else impersonate(request, response, body)
  })
})
