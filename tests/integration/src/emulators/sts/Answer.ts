/**
 * What STS answers in its query protocol: `AssumeRole` and its errors, in XML. Pure but for the random credentials.
 *
 * Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
import { randomBytes, randomUUID } from "node:crypto"

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/"

export interface StsAnswer {
  readonly status: number
  readonly body: string
}

/** Words of the documentation where it has them. */
const errors = {
  AccessDenied: 403,
  ExpiredToken: 403,
  IncompleteSignature: 403,
  InternalFailure: 500,
  InvalidAction: 400,
  InvalidClientTokenId: 403,
  MissingAuthenticationToken: 403,
  RequestExpired: 400,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  Throttling: 400,
  ValidationError: 400
} as const

export type StsError = keyof typeof errors

const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

const element = (name: string, content: string) => `<${name}>${content}</${name}>`

export const refusal = (code: StsError, message: string): StsAnswer => {
  const type = errors[code] >= 500 ? "Receiver" : "Sender"
  const error = [element("Type", type), element("Code", code), element("Message", escape(message))].join("")
  const content = `${element("Error", error)}${element("RequestId", randomUUID())}`
  return { status: errors[code], body: `<ErrorResponse xmlns="${namespace}">${content}</ErrorResponse>` }
}

/** Credentials that were given out. */
export interface Issued {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
  readonly roleArn: string
  readonly sessionName: string
}

/** Times of STS are whole seconds. */
export const issue = (roleArn: string, sessionName: string, expiresAt: number): Issued => ({
  accessKeyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
  secretAccessKey: randomBytes(30).toString("base64"),
  sessionToken: randomBytes(96).toString("base64"),
  expiresAt: Math.floor(expiresAt / 1_000) * 1_000,
  roleArn,
  sessionName
})

export const assumed = ({ roleArn, sessionName, ...issued }: Issued): StsAnswer => {
  const [account, name] = [roleArn.split(":")[4] ?? "", roleArn.split("/").at(-1) ?? ""]
  const user = element("AssumedRoleId", `AROAEXAMPLE:${sessionName}`) +
    element("Arn", `arn:aws:sts::${account}:assumed-role/${name}/${sessionName}`)
  const credentials = [
    element("AccessKeyId", issued.accessKeyId),
    element("SecretAccessKey", issued.secretAccessKey),
    element("SessionToken", issued.sessionToken),
    element("Expiration", new Date(issued.expiresAt).toISOString().replace(".000Z", "Z"))
  ].join("")
  const result = element("AssumedRoleUser", user) + element("Credentials", credentials)
  const content = element("AssumeRoleResult", result) + element("ResponseMetadata", element("RequestId", randomUUID()))
  return { status: 200, body: `<AssumeRoleResponse xmlns="${namespace}">${content}</AssumeRoleResponse>` }
}
